# A dump of more than the token: the message around it.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# ldapsearch -d 5
form <<'END'
ldap_write: want=57, written=57
  0000:  30 37 02 01 01 60 32 02  01 03 04 00 a3 2b 04 0a   07...`2......+..
  0010:  47 53 53 2d 53 50 4e 45  47 4f 04 1d a1 1b 30 19   GSS-SPNEGO....0.
  0020:  a0 03 0a 01 00 a3 12 04  10 01 00 00 00 f0 46 18   ..............F.
  0030:  e1 e3 7d 70 44 00 00 00  00                        ..}pD....
END
# curl --trace
form <<'END'
=> Send header, 96 bytes (0x60)
0000: 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a GET / HTTP/1.1..
0010: 48 6f 73 74 3a 20 77 65 62 0d 0a 41 75 74 68 6f Host: web..Autho
0020: 72 69 7a 61 74 69 6f 6e 3a 20 4e 65 67 6f 74 69 rization: Negoti
0030: 61 74 65 20 6f 52 73 77 47 61 41 44 43 67 45 41 ate oRswGaADCgEA
0040: 6f 78 49 45 45 41 45 41 41 41 44 77 52 68 6a 68 oxIEEAEAAADwRhjh
0050: 34 33 31 77 52 41 41 41 41 41 41 3d 0d 0a 0d 0a 431wRAAAAAA=....
== Info: Request completely sent off
END
# curl --trace-ascii
form <<'END'
=> Send header, 200 bytes (0xc8)
0000: GET / HTTP/1.1
0010: Host: web
001b: Authorization: Negotiate oT8wPaADCgEBojYENAAA+++++++++++++++++++
005b: +++++++++++++//////////////////////////////////8=
008e: Accept: */*
== Info: Closing connection 0
END
