/* log.h: what the wrapper decided, for those who wonder. With GLOVEBOX_LOG naming a file, each
 * decision appends a line to it: "guest compile syn-4f1c", "guest store syn-4f1c",
 * "native demand cc-9a7e", "target app". Nothing otherwise. */
#ifndef GB_CARGO_LOG_H
#define GB_CARGO_LOG_H

void gb_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
