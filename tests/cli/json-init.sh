# Fields of a NegTokenInit; reqFlags 0110001: mutual, replay, integrity.
"$SPNEGO" decode --format json -t a021301fa00d300b06092a864886f712010202a10403020162a20404026162a3020400
