/* tests/carrier_sasl.h - a SASL session from the settings of a vector file. */
#ifndef SPNEGO_TESTS_CARRIER_SASL_H
#define SPNEGO_TESTS_CARRIER_SASL_H

#include <spnego/sasl.h>

#include "carrier_driver.h"

/* Names of the settings that sasl_config_of knows. */
#define SASL_SETTINGS \
    "mechanism", "layers", "asks", "tolerate", "no_initial", "no_success_data", "authzid", \
        "max_buffer", "peer_buffer", "wrap_overhead", "max_token", "target", "bindings"

/* sasl_config_of fills *config; side->config is changed as max_token says. */
void sasl_config_of(spnego_sasl_config *config, const carrier_file *file, toy_side *side);

/* sasl_octets_of reads "" (absent), "empty", "wrapped NOTATION" (as X of the other role wraps it),
 * "sealed NOTATION" (the same, encrypted) or a notation. */
spnego_bytes sasl_octets_of(const char *words, spnego_role own_role);

#endif /* SPNEGO_TESTS_CARRIER_SASL_H */
