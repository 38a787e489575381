# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Java's JGSS, both sides: sourced by run.sh.

javac -Xlint:all -d "$rig/java" "$peers/JgssPeer.java" >&2
cat >"$rig/jaas.conf" <<CONF
com.sun.security.jgss.initiate {
    com.sun.security.auth.module.Krb5LoginModule required
        useTicketCache=true ticketCache="$rig/ccache" doNotPrompt=true;
};
com.sun.security.jgss.accept {
    com.sun.security.auth.module.Krb5LoginModule required
        useKeyTab=true keyTab="$rig/keytab" storeKey=true isInitiator=false doNotPrompt=true
        principal="host/srv.rig.test@RIG.TEST";
};
CONF
command[java]="java -cp $rig/java -Djava.security.krb5.conf=$rig/krb5.conf -Dsun.security.krb5.rcache=none
    -Djavax.security.auth.useSubjectCredsOnly=false -Djava.security.auth.login.config=$rig/jaas.conf JgssPeer"
product[java]="OpenJDK $(debian openjdk-17-jre-headless) JGSS"
call[java init]="GSSContext.initSecContext"
call[java accept]="GSSContext.acceptSecContext"

# Whoever asks for nothing but mutual authentication gets these as well.
exchange java-krb5 'java --flags mutual,replay,sequence,conf,integ' 'java'
keep 1 java-krb5-1-init "Java initiator: Kerberos offered alone, reqFlags present, AP-REQ in mechToken" \
    "init mechs=krb5 reqflags=0176 token=ap-req"
keep 2 java-krb5-2-resp "Java acceptor: accept-completed with the AP-REP of mutual authentication" \
    "resp state=accept-completed mech=krb5 token=ap-rep"
