// One side of an exchange, by .NET's NegotiateAuthentication; speaks the lines of peer.h.
//   DotnetPeer [options] init|accept [--target SERVICE/HOST] [--flags LIST] [--bind TEXT]
//                          [--user NAME --password TEXT --domain TEXT]
// The runtime switch System.Net.Security.UseManagedNtlm chooses .NET's own SPNEGO and NTLM over the GSS-API
// of the machine.
using System;
using System.Buffers;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication.ExtendedProtection;
using System.Text;

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

bool initiator = args.Contains("init");
string user = Option("--user", "");
string bind = Option("--bind", "");
TextBinding? binding = bind.Length == 0 ? null : new TextBinding(bind);
string[] flags = Option("--flags", "mutual,integ,conf").Split(',');
using NegotiateAuthentication side = initiator
    ? new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
    {
        Package = "Negotiate",
        Binding = binding,
        TargetName = Option("--target", "host/srv.rig.test"),
        RequireMutualAuthentication = flags.Contains("mutual"),
        RequiredProtectionLevel = flags.Contains("conf") ? ProtectionLevel.EncryptAndSign : ProtectionLevel.Sign,
        AllowedImpersonationLevel = flags.Contains("deleg")
            ? System.Security.Principal.TokenImpersonationLevel.Delegation
            : System.Security.Principal.TokenImpersonationLevel.Identification,
        Credential = user.Length == 0
            ? CredentialCache.DefaultNetworkCredentials
            : new NetworkCredential(user, Option("--password", ""), Option("--domain", "")),
    })
    : new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = "Negotiate", Binding = binding });

string Hex(ReadOnlySpan<byte> octets) => octets.IsEmpty ? "-" : Convert.ToHexStringLower(octets);

string Step(byte[] token)
{
    byte[]? reply = side.GetOutgoingBlob(token, out NegotiateAuthenticationStatusCode code);
    string status = code switch
    {
        NegotiateAuthenticationStatusCode.Completed => "complete",
        NegotiateAuthenticationStatusCode.ContinueNeeded => "continue",
        _ => "failure",
    };
    return $"{status} {Hex(reply)} {code}";
}

string Message(string verb, byte[] text, byte[] mic)
{
    var written = new ArrayBufferWriter<byte>();
    switch (verb)
    {
        case "sign":
            side.ComputeIntegrityCheck(text, written);
            return Hex(written.WrittenSpan);
        case "verify":
            return side.VerifyIntegrityCheck(text, mic) ? "good" : "failure";
        case "seal":
            NegotiateAuthenticationStatusCode sealing = side.Wrap(text, written, true, out _);
            return sealing == NegotiateAuthenticationStatusCode.Completed ? Hex(written.WrittenSpan) : $"failure {sealing}";
        default:
            NegotiateAuthenticationStatusCode opening = side.Unwrap(text, written, out _);
            return opening == NegotiateAuthenticationStatusCode.Completed ? Hex(written.WrittenSpan) : $"failure {opening}";
    }
}

while (Console.ReadLine() is string line)
{
    string[] words = line.Split(' ');
    Console.WriteLine(words.Length == 1
        ? Step(line == "-" ? [] : Convert.FromHexString(line))
        : Message(words[0], Convert.FromHexString(words[1]), words.Length > 2 ? Convert.FromHexString(words[2]) : []));
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
