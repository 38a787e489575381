# What was read before the end, how much of it is missing, and which rule refuses the rest.
"$SPNEGO" decode -t a1323030a0030a0100a2150413601106092a8648
