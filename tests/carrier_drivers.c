#include "carrier_driver.h"

#include <stddef.h>

const carrier_driver *const carrier_drivers[] = {NULL};
