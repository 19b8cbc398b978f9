// embed.cc: glovebox.h is C++ as well.
#include "glovebox.h"

int main() {
    glovebox_error error;
    glovebox_library *library = glovebox_open("", 0, nullptr, &error);
    return library != nullptr || error.failure != GLOVEBOX_BAD_ARTIFACT;
}
