#include "compile/recipe.h"

#include "recipe.inc"

const char *gb_guest_recipe(void) {
    return GB_GUEST_RECIPE;
}
