package ipmptcp

// usage says how the commands are called. As in iproute2 it is what somebody gets
// who has called them in another way.
func (s *session) usage() error {
	text := sharedUsage
	if s.native {
		text = ownUsage
	}
	return &exit{text, codeUsage}
}

const sharedUsage = `Usage: ip [ OPTIONS ] mptcp endpoint add ADDRESS [ FLAG ]... [ dev NAME ] [ id ID ] [ port NR ]
       ip [ OPTIONS ] mptcp endpoint delete id ID [ ADDRESS ]
       ip [ OPTIONS ] mptcp endpoint change { id ID | ADDRESS [ port NR ] } [ CHANGE ]...
       ip [ OPTIONS ] mptcp endpoint show [ id ID ]
       ip [ OPTIONS ] mptcp endpoint flush
       ip [ OPTIONS ] mptcp limits set [ subflows NR ] [ add_addr_accepted NR ]
       ip [ OPTIONS ] mptcp limits show
       ip [ OPTIONS ] mptcp monitor
where  FLAG    := { signal | subflow | laminar | backup | fullmesh }
       CHANGE  := { backup | nobackup | fullmesh | nofullmesh }
       OPTIONS := { -n[etns] NAME | -n[etns] PATH | -n[etns] pid:PID | -j[son] | -p[retty] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -c[olor][={always|auto|never}] }
`

const ownUsage = `Usage: allroads endpoint add ADDRESS [ FLAG ]... [ dev NAME ] [ id ID ] [ port NR ]
       allroads endpoint delete id ID [ ADDRESS ]
       allroads endpoint change { id ID | ADDRESS [ port NR ] } [ CHANGE ]...
       allroads endpoint show [ id ID ] [ token TOKEN ]
       allroads endpoint flush
       allroads limits set [ subflows NR ] [ add_addr_accepted NR ]
       allroads limits show
       allroads monitor [ --all-namespaces ] [ --filter CONDITION[,CONDITION]... ]
       allroads announce TOKEN ADDRESS id ID [ dev NAME ] [ port NR ]
       allroads withdraw TOKEN id ID
       allroads subflow create TOKEN from ADDRESS to END [ id ID ] [ dev NAME ] [ backup ]
       allroads subflow delete TOKEN from END to END
       allroads subflow priority TOKEN from { ADDRESS | END } to END { backup | nobackup }
where  FLAG      := { signal | subflow | laminar | backup | fullmesh }
       CHANGE    := { backup | nobackup | fullmesh | nofullmesh }
       CONDITION := { token=TOKEN | event=NAME | address=ADDRESS }
       END       := { A.B.C.D:PORT | [IPV6]:PORT }
       TOKEN     is 1 to 8 hexadecimal digits, as monitor and ss -M print them, or an
                 ADDR:PORT that one connection alone has
Options, before or behind these words:
       -n[etns] NAME|PATH|pid:PID   in that network namespace
       -j[son] [ -p[retty] ]        JSON as ip prints it
       --json                       JSON with a schema; of monitor an object in each line
       -o[neline]                   \ in place of line ends
       -t[imestamp] | -ts[hort]     when monitor has read an event
       -c[olor][=always|auto|never] colours
`
