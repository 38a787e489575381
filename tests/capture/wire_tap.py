#!/usr/bin/python3
"""Relay one TCP port to another and keep the SPNEGO tokens that pass, without changing an octet.

    wire_tap.py http|smb LISTEN_PORT SERVER_PORT OUT

OUT/1.init, OUT/2.accept, ... as converse.py writes them.  Runs until it is ended.
"""
import base64
import pathlib
import re
import socket
import sys
import threading

HEADER = {
    "init": re.compile(rb"^Authorization: *Negotiate +([A-Za-z0-9+/=]+)\r\n", re.I | re.M),
    "accept": re.compile(rb"^WWW-Authenticate: *Negotiate +([A-Za-z0-9+/=]+)\r\n", re.I | re.M),
}
SMB2_HEADER = 64
NEGOTIATE, SESSION_SETUP = 0, 1
# Where offset and length of the security buffer stand, from the end of the header.
SECURITY_BUFFER = {("init", SESSION_SETUP): 12, ("accept", SESSION_SETUP): 4, ("accept", NEGOTIATE): 56}


def http_tokens(role, pending):
    end = pending.rfind(b"\r\n")
    if end < 0:
        return [], pending
    complete = pending[:end + 2]
    return [base64.b64decode(found) for found in HEADER[role].findall(complete)], pending[end + 2:]


def smb_token(role, message):
    if message[:4] != b"\xfeSMB":
        return b""
    at = SECURITY_BUFFER.get((role, int.from_bytes(message[12:14], "little")))
    if at is None or len(message) < SMB2_HEADER + at + 4:
        return b""
    start = int.from_bytes(message[SMB2_HEADER + at:SMB2_HEADER + at + 2], "little")
    length = int.from_bytes(message[SMB2_HEADER + at + 2:SMB2_HEADER + at + 4], "little")
    return message[start:start + length]


def smb_tokens(role, pending):
    tokens = []
    while len(pending) >= 4:
        length = int.from_bytes(pending[1:4], "big")
        if len(pending) < 4 + length:
            break
        tokens.append(smb_token(role, pending[4:4 + length]))
        pending = pending[4 + length:]
    return [token for token in tokens if token], pending


class Tap:
    def __init__(self, find_tokens, out):
        self.find_tokens = find_tokens
        self.out = out
        self.number = 0
        self.lock = threading.Lock()

    def keep(self, role, token):
        self.number += 1
        (self.out / f"{self.number}.{role}").write_bytes(token)
        with open(self.out / "log", "a", encoding="utf-8") as log:
            print(role, "seen", len(token), file=log)

    def relay(self, role, source, sink):
        pending = b""
        while data := source.recv(65536):
            with self.lock:  # written down before it is passed on: the order is that of the wire
                tokens, pending = self.find_tokens(role, pending + data)
                for token in tokens:
                    self.keep(role, token)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def main():
    protocol, listen_port, server_port, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
    out.mkdir(parents=True)
    tap = Tap({"http": http_tokens, "smb": smb_tokens}[protocol], out)
    listener = socket.create_server(("127.0.0.1", listen_port))
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", server_port))
        threading.Thread(target=tap.relay, args=("init", client, server), daemon=True).start()
        threading.Thread(target=tap.relay, args=("accept", server, client), daemon=True).start()


main()
