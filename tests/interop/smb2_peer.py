#!/usr/bin/python3
"""The SPNEGO of smbd or of smbclient as one side of an exchange; speaks the lines of peer.h.

    smb2_peer.py --port PORT accept          what smbd answers: here is the client
    smb2_peer.py --client COMMAND init       what smbclient says: here is the server; {port} in COMMAND is its port

So much of SMB 2.1 (MS-SMB2) as has to do with tokens: NEGOTIATE, whose answer has the acceptor's NegTokenInit2,
SESSION_SETUP for each leg, and a TREE_CONNECT.  What a mechanism leaves SMB is its session key, so in place of
messages under the mechanism there is one verb:

    key HEX      good, or failure: the other side's session key signs and verifies the TREE_CONNECT and its answer
"""
import hashlib
import hmac
import pathlib
import shlex
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "capture"))
from spnego_shape import shape  # noqa: E402

SECONDS = 20
NEGOTIATE, SESSION_SETUP, TREE_CONNECT = 0, 1, 3
SUCCESS, MORE_PROCESSING_REQUIRED, LOGON_FAILURE = 0, 0xC0000016, 0xC000006D
FROM_SERVER, SIGNED = 1, 8
DIALECTS = (0x0202, 0x0210)  # those whose signatures are HMAC-SHA256 with the session key itself
HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")
SESSION = 0x5249470001
GUEST_OR_NULL = 3


# ---- Messages ---------------------------------------------------------------------------------------

class Message:
    def __init__(self, octets):
        self.octets = octets
        (_, _, _, self.status, self.command, _, self.flags, _, self.number, _, self.tree, self.session,
         self.signature) = HEADER.unpack_from(octets)
        self.body = octets[HEADER.size:]

    def buffer(self, at):
        """The octets whose place and length stand at `at` of the body."""
        start, length = struct.unpack_from("<HH", self.body, at)
        return self.octets[start:start + length]

    def signed_with(self, key):
        unsigned = self.octets[:48] + bytes(16) + self.octets[64:]
        return bool(self.flags & SIGNED) and hmac.compare_digest(self.signature, signature(key, unsigned))


def signature(key, octets):
    return hmac.new(key[:16].ljust(16, b"\0"), octets, hashlib.sha256).digest()[:16]


class Connection:
    def __init__(self, stream):
        stream.settimeout(SECONDS)
        self.stream = stream

    def send(self, command, body, number, status=0, flags=0, session=0, tree=0, key=None):
        flags |= SIGNED if key else 0
        octets = HEADER.pack(b"\xfeSMB", 64, 1, status, command, 16, flags, 0, number, 0, tree, session, bytes(16)) + body
        if key:
            octets = octets[:48] + signature(key, octets) + octets[64:]
        self.stream.sendall(struct.pack(">I", len(octets)) + octets)

    def exactly(self, size):
        octets = b""
        while len(octets) < size:
            more = self.stream.recv(size - len(octets))
            if not more:
                raise EOFError("the connection was closed")
            octets += more
        return octets

    def receive(self, *commands):
        message = Message(self.exactly(struct.unpack(">I", self.exactly(4))[0]))
        if message.octets[:4] != b"\xfeSMB" or message.command not in commands:
            raise EOFError(f"not the message that was waited for: {message.octets[:16].hex()}")
        return message


# ---- smbd as acceptor ---------------------------------------------------------------------------------

class Client:
    """Hands tokens to the server."""

    def __init__(self, port):
        self.connection = Connection(socket.create_connection(("127.0.0.1", port)))
        self.number = self.session = 0
        dialects = struct.pack(f"<{len(DIALECTS)}H", *DIALECTS)
        self.hints = self.ask(NEGOTIATE, struct.pack("<HHHHI16sQ", 36, len(DIALECTS), 1, 0, 0, bytes(16), 0) + dialects)

    def ask(self, command, body, key=None):
        self.connection.send(command, body, self.number, session=self.session, key=key)
        self.number += 1
        return self.connection.receive(command)

    def step(self, token):
        if not token:
            return "continue " + self.hints.buffer(56).hex()
        reply = self.ask(SESSION_SETUP, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 64 + 24, len(token), 0) + token)
        self.session = reply.session
        text = reply.buffer(4).hex() or "-"
        if reply.status == MORE_PROCESSING_REQUIRED:
            return f"continue {text}"
        if reply.status != SUCCESS or struct.unpack_from("<H", reply.body, 2)[0] & GUEST_OR_NULL:
            return f"failure {text} status={reply.status:08x}"
        return f"complete {text} status={reply.status:08x}"

    def use(self, key):
        path = "\\\\svc.rig.test\\share".encode("utf-16-le")
        reply = self.ask(TREE_CONNECT, struct.pack("<HHHH", 9, 0, 64 + 8, len(path)) + path, key=key)
        if not reply.signed_with(key):
            return f"failure: TREE_CONNECT, status={reply.status:08x}, is not signed with that key"
        return "good" if reply.status == SUCCESS else f"failure: TREE_CONNECT status={reply.status:08x}"

    def end(self):
        self.connection.stream.close()


# ---- smbclient as initiator -----------------------------------------------------------------------------

class Server:
    """Has tokens from the client."""

    def __init__(self, command):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(SECONDS)
        port = listener.getsockname()[1]
        self.client = subprocess.Popen([word.replace("{port}", str(port)) for word in command],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.connection = Connection(listener.accept()[0])
        listener.close()
        self.request = self.last = None

    def answer(self, request, body, status=SUCCESS, session=SESSION, tree=0, key=None):
        self.connection.send(request.command, body, request.number, status, FROM_SERVER, session, tree, key)

    def negotiate(self, hints):
        request = self.connection.receive(NEGOTIATE)
        offered = struct.unpack_from(f"<{struct.unpack_from('<H', request.body, 2)[0]}H", request.body, 36)
        dialect = max(set(offered) & set(DIALECTS))
        self.answer(request, struct.pack("<HHHH16sIIIIQQHHI", 65, 1, dialect, 0, b"RIG-SERVER-GUID-", 0, 65536, 65536,
                                         65536, 0, 0, 64 + 64, len(hints), 0) + hints, session=0)

    def set_up(self, token, status, key=None):
        """The answer to the leg that was last taken."""
        self.answer(self.request, struct.pack("<HHHH", 9, 0, 64 + 8, len(token)) + token, status, key=key)

    def step(self, token):
        if self.request is None:
            self.negotiate(token)
        else:
            # The status is the acceptor's host's to say; of what our peer is told here there is the token alone.
            said = shape(token)
            if "state=accept-completed" in said:
                self.last = token  # goes out signed, once the key is known
                return "complete -"
            rejected = "state=reject" in said
            self.set_up(token, LOGON_FAILURE if rejected else MORE_PROCESSING_REQUIRED)
            if rejected:
                return "failure - " + self.words()
        try:
            self.request = self.connection.receive(SESSION_SETUP)
        except (EOFError, OSError) as error:
            return f"failure - {error}; {self.words()}"
        return "continue " + self.request.buffer(12).hex()

    def use(self, key):
        self.set_up(self.last, SUCCESS, key)
        request = self.connection.receive(TREE_CONNECT)
        if not request.signed_with(key):
            return "failure: TREE_CONNECT is not signed with that key"
        self.answer(request, struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1F01FF), tree=1, key=key)
        return "good"

    def words(self):
        """What the client says for itself."""
        try:
            said, _ = self.client.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "and goes on"
        return " ".join(said.decode("utf-8", "replace").split())

    def end(self):
        self.connection.stream.close()
        self.client.kill()
        self.client.wait()


def main():
    side = Client(int(sys.argv[2])) if sys.argv[1] == "--port" else Server(shlex.split(sys.argv[2]))
    for line in sys.stdin:
        verb, _, operand = line.strip().partition(" ")
        try:
            if verb == "key":
                answer = side.use(bytes.fromhex(operand))
            else:
                answer = side.step(b"" if verb == "-" else bytes.fromhex(verb))
        except (EOFError, OSError) as error:
            answer = f"failure - {error}"
        print(answer, flush=True)
    side.end()


main()
