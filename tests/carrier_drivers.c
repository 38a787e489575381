#include "carrier_driver.h"

#include <stddef.h>

extern const carrier_driver nns_driver, socks5_driver, sasl_driver, xmpp_driver, http_driver;

const carrier_driver *const carrier_drivers[] = {&nns_driver,  &socks5_driver, &sasl_driver,
                                                 &xmpp_driver, &http_driver,   NULL};
