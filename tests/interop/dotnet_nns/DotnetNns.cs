// One side of MS-NNS, by System.Net.Security.NegotiateStream; does what nns_peer.c does, with the same options, and says
// the same line at its end.
//   dotnet_nns client|server PORT [--level none|sign|encrypt] [--impersonation LEVEL] [--target SERVICE/HOST]
//                          [--bind TEXT] [--octets N] [--user NAME --password TEXT --domain TEXT]
using System;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication.ExtendedProtection;
using System.Security.Principal;
using System.Text;

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

bool isClient = args[0] == "client";
int port = int.Parse(args[1]);
int octets = int.Parse(Option("--octets", "0"));
string user = Option("--user", "");
string bind = Option("--bind", "");
ProtectionLevel level = Option("--level", "encrypt") switch
{
    "none" => ProtectionLevel.None,
    "sign" => ProtectionLevel.Sign,
    _ => ProtectionLevel.EncryptAndSign,
};
TokenImpersonationLevel impersonation =
    Enum.Parse<TokenImpersonationLevel>(Option("--impersonation", isClient ? "Impersonation" : "Identification"), true);
NetworkCredential credential = user.Length == 0
    ? CredentialCache.DefaultNetworkCredentials
    : new NetworkCredential(user, Option("--password", ""), Option("--domain", ""));

static byte Pattern(int at, int side) => (byte)(at * 7 + (at >> 8) + 31 * side);

Stream Connection()
{
    if (isClient)
    {
        return new TcpClient("127.0.0.1", port).GetStream();
    }
    var listener = new TcpListener(IPAddress.Loopback, port);
    listener.Start();
    Console.WriteLine("ready");
    TcpClient peer = listener.AcceptTcpClient();
    listener.Stop();
    return peer.GetStream();
}

void Send(NegotiateStream stream)
{
    var data = new byte[octets];
    for (int i = 0; i < octets; i++)
    {
        data[i] = Pattern(i, isClient ? 1 : 2);
    }
    stream.Write(data);
    stream.Flush();
}

void Receive(NegotiateStream stream)
{
    var data = new byte[octets];
    stream.ReadExactly(data);
    for (int i = 0; i < octets; i++)
    {
        if (data[i] != Pattern(i, isClient ? 2 : 1))
        {
            throw new InvalidDataException($"octet {i} is another");
        }
    }
}

string Level(NegotiateStream stream) => !stream.IsAuthenticated ? "-" : stream.IsEncrypted ? "encrypt" : stream.IsSigned ? "sign" : "none";

using var stream = new NegotiateStream(Connection());
try
{
    if (isClient)
    {
        string target = Option("--target", "host/srv.rig.test");
        if (bind.Length == 0)
        {
            stream.AuthenticateAsClient(credential, target, level, impersonation);
        }
        else
        {
            stream.AuthenticateAsClient(credential, new TextBinding(bind), target, level, impersonation);
        }
        Send(stream);
        Receive(stream);
    }
    else
    {
        stream.AuthenticateAsServer(credential, level, impersonation);
        Receive(stream);
        Send(stream);
        if (stream.ReadByte() != -1)
        {
            throw new InvalidDataException("more data than was sent");
        }
    }
    Console.WriteLine($"complete level={Level(stream)} octets={octets}");
}
catch (Exception e)
{
    string reasons = "";
    for (Exception? reason = e; reason != null; reason = reason.InnerException)
    {
        reasons += $" / {reason.GetType().Name} {reason.Message}";
    }
    Console.WriteLine($"failure level={Level(stream)}{reasons}".ReplaceLineEndings(" "));
}

// Application data alone, in the layout of Windows' SEC_CHANNEL_BINDINGS: eight words, then the data.
sealed class TextBinding : ChannelBinding
{
    private const int Header = 32;

    public TextBinding(string text) : base(true)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        Size = Header + data.Length;
        SetHandle(Marshal.AllocHGlobal(Size));
        Marshal.Copy(new byte[Header], 0, handle, Header);
        Marshal.WriteInt32(handle, 24, data.Length);
        Marshal.WriteInt32(handle, 28, Header);
        Marshal.Copy(data, 0, handle + Header, data.Length);
    }

    public override int Size { get; }

    protected override bool ReleaseHandle()
    {
        Marshal.FreeHGlobal(handle);
        return true;
    }
}
