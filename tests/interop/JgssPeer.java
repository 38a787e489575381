import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

/**
 * One side of an exchange, by Java's own GSS-API; speaks the lines of peer.h.
 * {@code JgssPeer init|accept [--target SERVICE@HOST] [--flags LIST] [--bind TEXT]}
 */
public final class JgssPeer {
    private static final HexFormat HEX = HexFormat.of();

    private static String option(List<String> args, String name, String otherwise) {
        int at = args.indexOf(name);
        return at >= 0 ? args.get(at + 1) : otherwise;
    }

    private static GSSContext context(List<String> args) throws GSSException {
        GSSManager manager = GSSManager.getInstance();
        Oid spnego = new Oid("1.3.6.1.5.5.2");
        if (!args.get(0).equals("init")) {
            return manager.createContext(manager.createCredential(
                    null, GSSCredential.INDEFINITE_LIFETIME, spnego, GSSCredential.ACCEPT_ONLY));
        }
        GSSName name = manager.createName(
                option(args, "--target", "host@srv.rig.test"), GSSName.NT_HOSTBASED_SERVICE);
        GSSContext context = manager.createContext(name, spnego, null, GSSContext.DEFAULT_LIFETIME);
        List<String> flags = Arrays.asList(option(args, "--flags", "mutual,integ,conf").split(","));
        context.requestMutualAuth(flags.contains("mutual"));
        context.requestConf(flags.contains("conf"));
        context.requestInteg(flags.contains("integ"));
        context.requestCredDeleg(flags.contains("deleg"));
        context.requestSequenceDet(flags.contains("sequence"));
        context.requestReplayDet(flags.contains("replay"));
        return context;
    }

    private static String step(GSSContext context, boolean initiator, byte[] token) throws GSSException {
        byte[] out = initiator
                ? context.initSecContext(token, 0, token.length)
                : context.acceptSecContext(token, 0, token.length);
        String text = out == null || out.length == 0 ? "-" : HEX.formatHex(out);
        if (!context.isEstablished()) {
            return "continue " + text;
        }
        boolean delegated = !initiator && context.getCredDelegState();
        return "complete " + text + (delegated ? " delegated" : "");
    }

    private static String message(GSSContext context, String verb, byte[] text, byte[] mic) throws GSSException {
        MessageProp sealed = new MessageProp(0, true);
        switch (verb) {
            case "sign":
                return HEX.formatHex(context.getMIC(text, 0, text.length, new MessageProp(0, false)));
            case "verify":
                context.verifyMIC(mic, 0, mic.length, text, 0, text.length, new MessageProp(0, false));
                return "good";
            case "seal":
                return HEX.formatHex(context.wrap(text, 0, text.length, sealed));
            default:
                return HEX.formatHex(context.unwrap(text, 0, text.length, sealed));
        }
    }

    public static void main(String[] argv) throws Exception {
        List<String> args = Arrays.asList(argv);
        boolean initiator = args.get(0).equals("init");
        GSSContext context = context(args);
        String binding = option(args, "--bind", null);
        if (binding != null) {
            context.setChannelBinding(new ChannelBinding(binding.getBytes("UTF-8")));
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            try {
                if (words.length == 1) {
                    System.out.println(step(context, initiator, line.equals("-") ? new byte[0] : HEX.parseHex(line)));
                } else {
                    System.out.println(message(context, words[0], HEX.parseHex(words[1]),
                            words.length > 2 ? HEX.parseHex(words[2]) : null));
                }
            } catch (GSSException error) {
                System.out.println("failure - " + error.getMessage());
            }
        }
    }
}
