import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HexFormat;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

/**
 * One side of a SPNEGO exchange, by Java's own GSS-API: {@code JgssPeer init|accept [SERVICE@HOST]}.
 * Speaks the lines of converse.py.
 */
public final class JgssPeer {
    private static GSSContext context(boolean initiator, String service) throws GSSException {
        GSSManager manager = GSSManager.getInstance();
        Oid spnego = new Oid("1.3.6.1.5.5.2");
        if (!initiator) {
            return manager.createContext(manager.createCredential(
                    null, GSSCredential.INDEFINITE_LIFETIME, spnego, GSSCredential.ACCEPT_ONLY));
        }
        GSSName name = manager.createName(service, GSSName.NT_HOSTBASED_SERVICE);
        GSSContext context = manager.createContext(name, spnego, null, GSSContext.DEFAULT_LIFETIME);
        context.requestMutualAuth(true);
        return context;
    }

    public static void main(String[] args) throws Exception {
        boolean initiator = args[0].equals("init");
        GSSContext context = context(initiator, args.length > 1 ? args[1] : "host@srv.rig.test");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            byte[] token = line.equals("-") ? new byte[0] : HexFormat.of().parseHex(line);
            try {
                byte[] out = initiator
                        ? context.initSecContext(token, 0, token.length)
                        : context.acceptSecContext(token, 0, token.length);
                String text = out == null || out.length == 0 ? "-" : HexFormat.of().formatHex(out);
                System.out.println((context.isEstablished() ? "complete " : "continue ") + text);
            } catch (GSSException error) {
                System.out.println("failure - " + error.getMessage());
            }
        }
    }
}
