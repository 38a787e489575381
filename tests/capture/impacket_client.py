#!/usr/bin/python3
"""Log in to the rig's smbd with impacket: impacket_client.py PORT ntlm|krb5

With krb5 the ticket for cifs/svc.rig.test has to be in the file $KRB5CCNAME names, without "FILE:".
"""
import sys

from impacket.smbconnection import SMBConnection

connection = SMBConnection("svc.rig.test", "svc.rig.test", sess_port=int(sys.argv[1]))
if sys.argv[2] == "krb5":
    connection.kerberosLogin("user", "", "RIG.TEST", kdcHost="127.0.0.1", useCache=True)
else:
    connection.login("nobody", "nobodypw")
