#!/usr/bin/python3
"""Play two peers against each other and keep every token.

    converse.py OUT 'INITIATOR COMMAND' 'ACCEPTOR COMMAND' [--acceptor-first]

A peer reads a token in hex (or "-") a line and answers "continue|complete|failure HEX|- [message]".
OUT/1.init, OUT/2.accept, ... are the tokens in order; OUT/log says what each side returned.
"""
import pathlib
import select
import shlex
import subprocess
import sys

ANSWER_SECONDS = 60
MOST_TOKENS = 12


class Peer:
    def __init__(self, role, command):
        self.role = role
        self.status = "continue"
        self.process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def step(self, token):
        try:
            self.process.stdin.write((token.hex() or "-") + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        ready, _, _ = select.select([self.process.stdout], [], [], ANSWER_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        self.status, _, rest = line.strip().partition(" ")
        text, _, message = rest.partition(" ")
        if not self.status:
            self.status, message = "failure", f"the peer gave no answer (exit {self.process.poll()})"
        return b"" if text in ("", "-") else bytes.fromhex(text), message

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def converse(out, initiator, acceptor, acceptor_first):
    speaker, listener = (acceptor, initiator) if acceptor_first else (initiator, acceptor)
    token, number = b"", 0
    with open(out / "log", "w", encoding="utf-8") as log:
        while number < MOST_TOKENS:
            token, message = speaker.step(token)
            print(speaker.role, speaker.status, len(token), message, file=log)
            if not token:
                break
            number += 1
            (out / f"{number}.{speaker.role}").write_bytes(token)
            if listener.status != "continue":  # it is done and would take this as a new exchange
                break
            speaker, listener = listener, speaker


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True)
    initiator, acceptor = Peer("init", sys.argv[2]), Peer("accept", sys.argv[3])
    try:
        converse(out, initiator, acceptor, "--acceptor-first" in sys.argv)
    finally:
        initiator.stop()
        acceptor.stop()


main()
