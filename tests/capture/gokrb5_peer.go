// The initiator of gokrb5: gokrb5_peer KRB5.CONF CCACHE SERVICE/HOST
// It makes one token and hears no answer; it speaks the lines of converse.py.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

func firstToken(conf, ccache, service string) ([]byte, error) {
	loaded, err := config.Load(conf)
	if err != nil {
		return nil, err
	}
	tickets, err := credentials.LoadCCache(ccache)
	if err != nil {
		return nil, err
	}
	user, err := client.NewFromCCache(tickets, loaded, client.DisablePAFXFAST(true))
	if err != nil {
		return nil, err
	}
	token, err := spnego.SPNEGOClient(user, service).InitSecContext()
	if err != nil {
		return nil, err
	}
	return token.Marshal()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	if !lines.Scan() {
		return
	}
	// The role that converse.py names comes first.
	token, err := firstToken(os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Println("failure -", err)
		return
	}
	fmt.Println("continue", hex.EncodeToString(token))
	for lines.Scan() {
		fmt.Println("complete -")
	}
}
