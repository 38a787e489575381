#include "asn_application.h"
