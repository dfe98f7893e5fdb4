/*
@FACTS@
 */
#include "@NAME@.h"

#include <math.h>
#include <stdint.h>

@TYPES@

@TABLES@

@MEMORY@

@HELPERS@

@FUNCTIONS@
