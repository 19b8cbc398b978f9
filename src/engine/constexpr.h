/* constexpr.h: values of constant expressions when a module is instantiated. */
#ifndef GB_ENGINE_CONSTEXPR_H
#define GB_ENGINE_CONSTEXPR_H

#include "engine/instance.h"

/* The value of a validated expression. The globals it names and the functions it refers to are the
 * instance's, which must have both. False: out of memory. */
bool gb_constexpr_eval(const gb_instance *instance, gb_constexpr expr, gb_slot value[2]);

#endif
