// One side of an exchange, by .NET's NegotiateAuthentication; speaks the lines of peer.h.
//   DotnetPeer init|accept [--target SERVICE/HOST] [--flags LIST] [--user NAME --password TEXT --domain TEXT]
// The runtime switch System.Net.Security.UseManagedNtlm chooses .NET's own SPNEGO and NTLM over the GSS-API
// of the machine.
using System;
using System.Buffers;
using System.Linq;
using System.Net;
using System.Net.Security;

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

bool initiator = args[0] == "init";
string user = Option("--user", "");
string[] flags = Option("--flags", "mutual,integ,conf").Split(',');
using NegotiateAuthentication side = initiator
    ? new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
    {
        Package = "Negotiate",
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
    : new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = "Negotiate" });

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
