#!/usr/bin/env python3
"""Stands between a client and its server, and writes down what passes.

    kdc_tap.py PORT SERVER_PORT HEADER FOLDER

A message begins with HEADER octets, of which the last four say how long the rest is: four of a KDC over TCP
(RFC 4120 7.2.2), five of the samples of MIT krb5.  The n-th to pass becomes FOLDER/n, without them.
"""
import os
import selectors
import socket
import sys


def take(connection, header):
    """One message, its header with it; empty at the end of the stream."""
    octets = b""
    while len(octets) < header or len(octets) - header < int.from_bytes(octets[header - 4:header], "big"):
        more = connection.recv(1 if len(octets) < header else
                               header + int.from_bytes(octets[header - 4:header], "big") - len(octets))
        if not more:
            return b""
        octets += more
    return octets


def relay(sides, header, folder):
    """Until one side ends: whoever speaks, the other hears it."""
    with selectors.DefaultSelector() as selector:
        for side, other in (sides, sides[::-1]):
            selector.register(side, selectors.EVENT_READ, other)
        while True:
            for key, _ in selector.select():
                message = take(key.fileobj, header)
                if not message:
                    return
                with open(os.path.join(folder, str(len(os.listdir(folder)) + 1)), "wb") as file:
                    file.write(message[header:])
                key.data.sendall(message)


def main():
    port, server_port, header, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", server_port)) as server:
            relay((client, server), header, folder)


main()
