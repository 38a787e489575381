// One side of a SPNEGO exchange, by .NET's NegotiateAuthentication: DotnetPeer init|accept [options]
// Speaks the lines of converse.py.  The runtime switch System.Net.Security.UseManagedNtlm chooses .NET's own
// SPNEGO and NTLM over the GSS-API of the machine.
using System;
using System.Net;
using System.Net.Security;

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

bool initiator = args[0] == "init";
string user = Option("--user", "");
using NegotiateAuthentication side = initiator
    ? new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
    {
        Package = "Negotiate",
        TargetName = Option("--target", "host/srv.rig.test"),
        RequireMutualAuthentication = Option("--mutual", "yes") == "yes",
        RequiredProtectionLevel = ProtectionLevel.Sign,
        Credential = user.Length == 0
            ? CredentialCache.DefaultNetworkCredentials
            : new NetworkCredential(user, Option("--password", ""), Option("--domain", "")),
    })
    : new NegotiateAuthentication(new NegotiateAuthenticationServerOptions { Package = "Negotiate" });

while (Console.ReadLine() is string line)
{
    byte[] token = line == "-" ? [] : Convert.FromHexString(line);
    byte[]? reply = side.GetOutgoingBlob(token, out NegotiateAuthenticationStatusCode code);
    string text = reply is null || reply.Length == 0 ? "-" : Convert.ToHexStringLower(reply);
    string status = code switch
    {
        NegotiateAuthenticationStatusCode.Completed => "complete",
        NegotiateAuthenticationStatusCode.ContinueNeeded => "continue",
        _ => "failure",
    };
    Console.WriteLine($"{status} {text} {code}");
}
