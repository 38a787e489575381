# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# .NET's managed SPNEGO, initiator: sourced by run.sh.  (Its other one is the GSS-API of MIT krb5.)

[ -x "$(command -v dotnet)" ] || { echo "no dotnet 10 SDK, and Debian has no package of it" >&2; exit 1; }
cp -r "$peers/dotnet_peer" "$rig/dotnet"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_HOME="$rig"
# No build servers that would outlive the build.
timeout 300 dotnet build "$rig/dotnet" -c Release -o "$rig/dotnet/out" -nodeReuse:false -p:UseSharedCompilation=false \
    >"$rig/dotnet.log" 2>&1 || { grep -m 1 error "$rig/dotnet.log" >&2; exit 1; }
sed 's/"configProperties": {/&"System.Net.Security.UseManagedNtlm": true,/' \
    "$rig/dotnet/out/dotnet_peer.runtimeconfig.json" >"$rig/dotnet/managed.json"

command[dotnet]="dotnet exec --runtimeconfig $rig/dotnet/managed.json $rig/dotnet/out/dotnet_peer.dll"
product[dotnet]=".NET $(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1), managed SPNEGO"
call[dotnet init]="NegotiateAuthentication"

exchange dotnet-krb5 'dotnet --flags mutual,integ' 'mit --mechs krb5'
keep 1 dotnet-krb5-1-init ".NET managed initiator: Kerberos and NTLM offered, AP-REQ in mechToken" \
    "init mechs=krb5,ntlm token=ap-req"

# Where it finds no GSS library it leaves Kerberos out and does NTLM by itself.
gss_library=$(ldconfig -p | sed -n 's/.*libgssapi_krb5\.so\.2 .*=> //p' | head -n 1)
command[dotnet-alone]="unshare --mount sh -c 'mount --bind /dev/null $gss_library && exec \"\$@\"' sh ${command[dotnet]}"
product[dotnet-alone]=${product[dotnet]}
call[dotnet-alone init]=${call[dotnet init]}
exchange dotnet-ntlm "dotnet-alone --flags integ --user user --password $user_password --domain RIG.TEST" \
    'mit-ntlm --mechs ntlm'
keep 1 dotnet-ntlm-1-init ".NET managed initiator: NTLM offered alone, NEGOTIATE_MESSAGE in mechToken" \
    "init mechs=ntlm token=ntlm-1"
keep 3 dotnet-ntlm-3-resp-authenticate ".NET managed initiator: AUTHENTICATE_MESSAGE and mechListMIC, no negState" \
    "resp token=ntlm-3 mic"
