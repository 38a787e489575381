# Dumps as programs write them into their logs.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# Java
form <<'END'
0000: A1 1B 30 19 A0 03 0A 01   00 A3 12 04 10 01 00 00  ..0.............
0010: 00 F0 46 18 E1 E3 7D 70   44 00 00 00 00           ..F...}pD....
END
# eight octets in a line, three blanks before what they are in ASCII
form <<'END'
0000: a1 1b 30 19 a0 03 0a 01   ..0.....
0008: 00 a3 12 04 10 01 00 00   ........
0010: 00 f0 46 18 e1 e3 7d 70   ..F...}p
0018: 44 00 00 00 00   D....
END
# Samba
form <<'END'
[2026/11/21 10:00:00.000000, 10] ../../auth/gensec/spnego.c:100
[0000] A1 1B 30 19 A0 03 0A 01  00 A3 12 04 10 01 00 00    ..0..... ........
[0010] 00 F0 46 18 E1 E3 7D 70  44 00 00 00 00             ..F...}p D....
[2026/11/21 10:00:00.000001, 3] next
END
# PowerShell 7: Format-Hex
form <<'END'
   Label: Byte[] (System.Byte[]) <4F2E>

          Offset Bytes                                           Ascii
                 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F
          ------ ----------------------------------------------- -----
0000000000000000 A1 1B 30 19 A0 03 0A 01 00 A3 12 04 10 01 00 00 á�0.............
0000000000000010 00 F0 46 18 E1 E3 7D 70 44 00 00 00 00          á�F...}pD....
END
# gdb: x/29xb
form <<'END'
0x5555557a2b10 <token+0>:	0xa1	0x1b	0x30	0x19	0xa0	0x03	0x0a	0x01
0x5555557a2b18 <token+8>:	0x00	0xa3	0x12	0x04	0x10	0x01	0x00	0x00
0x5555557a2b20 <token+16>:	0x00	0xf0	0x46	0x18	0xe1	0xe3	0x7d	0x70
0x5555557a2b28 <token+24>:	0x44	0x00	0x00	0x00	0x00
END
# WinDbg: db
form <<'END'
00000000`03f1c010  a1 1b 30 19 a0 03 0a 01-00 a3 12 04 10 01 00 00  ..0.............
00000000`03f1c020  00 f0 46 18 e1 e3 7d 70-44 00 00 00 00           ..F...}pD....
END
# Fiddler: no offsets, the ASCII agrees
form <<'END'
Authorization Header (Negotiate):
A1 1B 30 19 A0 03 0A 01 00 A3 12 04 10 01 00 00  ..0.............
00 F0 46 18 E1 E3 7D 70 44 00 00 00 00           ..F...}pD....
END
# strace -e write
form <<'END'
write(5, ..., 29) = 29
 | 00000  a1 1b 30 19 a0 03 0a 01  00 a3 12 04 10 01 00 00  ..0............. |
 | 00010  00 f0 46 18 e1 e3 7d 70  44 00 00 00 00           ..F...}pD....    |
END
# the kernel, with the time before it
form <<'END'
[  123.456789] CIFS: 00000000: a1 1b 30 19 a0 03 0a 01 00 a3 12 04 10 01 00 00  ..0.............
[  123.456789] CIFS: 00000010: 00 f0 46 18 e1 e3 7d 70 44 00 00 00 00           ..F...}pD....
END
# quoted in a letter
form <<'END'
Hello,
> 0000  a1 1b 30 19 a0 03 0a 01 00 a3 12 04 10 01 00 00   ..0.............
> 0010  00 f0 46 18 e1 e3 7d 70 44 00 00 00 00            ..F...}pD....
thanks
END
# a number and a word that is octets, before a token
form <<'END'
seq 0000: 41  token=oRswGaADCgEAoxIEEAEAAADwRhjh431wRAAAAAA=
END
# a line is missing: what is behind it is not taken for what was there
form <<'END'
10:00 gss: 0000  a1 1b 30 19 a0 03 0a 01
10:00 gss: 0008  00 a3 12 04 10 01 00 00
10:00 gss: 0018  44 00 00 00 00
END
# hexdump: words of 16 bits, least significant octet first
form <<'END'
0000000 1ba1 1930 03a0 010a a300 0412 0110 0000
0000010 f000 1846 e3e1 707d 0044 0000 0000     
000001d
END
# od -x
form <<'END'
0000000 1ba1 1930 03a0 010a a300 0412 0110 0000
0000020 f000 1846 e3e1 707d 0044 0000 0000
0000035
END
# what the octets are in ASCII looks like octets, 16 in a line
form <<'END'
0000: a1 26 30 24 a2 22 04 20 01 01 01 01 01 01 01 01   .&0$.".  ........
0010: 61 62 20 01 01 01 01 01 01 01 01 01 01 01 01 01   ab ..... ........
0020: 01 01 01 01 01 01 01 01                           ........
END
# what the octets are in ASCII looks like octets, 8 in a line
form <<'END'
0000: a1 26 30 24 a2 22 04 20   .&0$.". 
0008: 01 01 01 01 01 01 01 01   ........
0010: 61 62 20 01 01 01 01 01   ab .....
0018: 01 01 01 01 01 01 01 01   ........
0020: 01 01 01 01 01 01 01 01   ........
END
