#!/usr/bin/env python3
"""Writes a capture of one connection:  talk.py OUT.pcap CARRIER I:HEX A:HEX ...

CARRIER is one of capture_maker.py's, or `raw` for octets as they are; with a `-` before a turn, its
segments are left out.
"""
import sys

import capture_maker


def main():
    out, name, *turns = sys.argv[1:]
    carriers = {carrier: (wrap, port) for carrier, wrap, port in capture_maker.CARRIERS}
    wrap, port = carriers.get(name, (lambda turns, _: turns, 8080))
    said = [(turn.lstrip("-")[0], bytes.fromhex(turn.lstrip("-")[2:])) for turn in turns]
    capture = capture_maker.Capture()
    capture_maker.conversation(capture, 1, wrap(said, 1), port, 60, 0xfffffff0)
    missing = [i for i, turn in enumerate(turns) if turn.startswith("-")]
    # After the handshake, of raw turns of one segment each.
    capture.frames = [f for i, f in enumerate(capture.frames) if i - 2 not in missing]
    capture.write(out)


if __name__ == "__main__":
    main()
