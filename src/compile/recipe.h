/* recipe.h: names the way in which sources become guest code: the rewriting, the quirks, the command
 * line, what is done to the linked file. Part of the key of everything in the store. */
#ifndef GB_COMPILE_RECIPE_H
#define GB_COMPILE_RECIPE_H

/* 32 hexadecimal digits, made from the sources that do it (mk/cargo.mk). */
const char *gb_guest_recipe(void);

#endif
