# Seeds of the targets of SASL, XMPP, XMPP's streams and base64, for fuzz/seed.sh: settings as
# fuzz_sasl.c and fuzz_xmpp.c take them; then every message passes, or one of the first seven does
# not.
# shellcheck shell=sh disable=SC2154 # what seed.sh has set

sasl_talks() {
    hello=$(octal 5 0 104 101 108 108 111) # five octets of data, length first
    for forms in 0 1 2 3 4 5 8 17; do
        for legs in 0 1 2 3 4; do
            for flags in 0 1 2 3; do
                head=$(octal $forms $legs $flags 7 7 0 0 0 0 0)
                talk "$head$(octal 0 0 0 0 0 0 0 0 0 0)$hello$(octal 0 3)$hello$(octal 0 9)$hello"
                for how in 1 2 3 4 5 6; do
                    talk "$head$(octal $how 4 0 1 0 0 0 0 0 0)"
                    talk "$head$(octal 0 0 0 $how 4 0 1 0 0 255 0 0)"
                    talk "$head$(octal 0 0 0 0 $how 4 0 4 0 255 255 0)$hello"
                done
            done
        done
    done
    for layers in 1 2 3 4 5 6 7; do
        for size in 0 1 2 3 255; do
            talk "$(octal 1 1 2 $layers 7 1 $size 4 0 0)$(octal 0 0 0 0 0 0 0)$hello$(octal 0 0)$hello"
            talk "$(octal 0 1 2 $layers $layers 0 $size 4 0 0)$(octal 0 0)$hello$(octal 0 0)$hello"
        done
    done
    for lie in 1 2 3 4 5 6 8 9 10 11 12 13 14 15 16 65 66 67 70 75 77 78; do
        talk "$(octal 0 2 2 7 7 0 0 0 $lie 0)"
        talk "$(octal 1 2 2 7 7 0 0 0 $lie 2)"
    done
}

xmpp_talks() {
    for mechanism in 0 1 2 4; do
        for legs in 0 1 2 129; do
            head=$(octal $mechanism $legs 3 0)
            talk "$head"
            for how in 1 2 3 4 5 10 15 20 25 30 35 40 43 48 53 58 63; do
                talk "$head$(octal $how 3 0 61 61 61)"
                talk "$head$(octal 0 $how 3 0 61 61 61)"
                talk "$head$(octal 0 0 $how 3 0 61 61 61)"
                talk "$head$(octal 0 0 0 $how 3 33 0 0)"
            done
        done
    done
}

base64_texts() {
    for text in '' Zg== Zm8= Zm9v Zg Zm8 Z Zh== Zm9= Zg=v ==== Zm9v= 'Zm 9v' +/+/ -_-_ Zm9vYmFy Zg==Zg==; do
        for tolerate in 0 1 2 3; do
            talk "$(octal $tolerate)$text"
        done
    done
}

xmpp_streams() {
    streams=http://etherx.jabber.org/streams
    sasl="xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
    open="<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='$streams'>"
    offer="<mechanism>GSS-SPNEGO</mechanism><mechanism>GSSAPI</mechanism>"
    for rest in "</stream:stream>" "<auth $sasl mechanism='GSSAPI'>AAAA</auth>" \
        "<stream:features><mechanisms $sasl>$offer</mechanisms><bind xmlns='x'/></stream:features>" \
        "<challenge $sasl>AA&#x41;A</challenge> <response $sasl/><abort $sasl/>" \
        "<success $sasl>=</success>behind" "<s:success xmlns:s='urn:ietf:params:xml:ns:xmpp-sasl'/>" \
        "<failure $sasl><not-authorized/><text xml:lang='en'>no &amp; no</text></failure>" \
        "<a><b><c><d/></c></b></a>" "<message from='&quot;'><body><![CDATA[<!DOCTYPE]]></body></message>" \
        "<a b=\"'>\"/>" "text" "<!-- c -->" "<?pi?>" "<!DOCTYPE a>" "&lol;" "<p:a/>" "<a></b>" \
        "<auth mechanism='&lt;' $sasl><![CDATA[AA]]>AA</auth>" \
        "<a1/><a2/><a3 b1='' b2=''/><a4 xmlns:c1='d1'/><a5/><a6/><a7/><a8/><a9/><c:b xmlns:c='e'/>"; do
        for head in 0 1 5 8 11 14; do
            for cut in 0 2 30 254; do
                talk "$(octal $head $cut)$open$rest"
            done
        done
    done
    for whole in "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>" "<stream/>" "<stream:stream xmlns:stream='$streams'/>" \
        "<?xml version='1.0' encoding='UTF-16'?><a/>" "<?xml version='1.1'?>" "<?a?><stream/>" " <a/>"; do
        talk "$(octal 7 2)$whole"
    done
}

case $target in
xmpp_xml) xmpp_streams ;;
sasl) sasl_talks ;;
xmpp) xmpp_talks ;;
base64) base64_texts ;;
esac
