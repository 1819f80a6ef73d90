package impair

import (
	"fmt"
	"strings"

	"allroads/internal/netns"
)

// offloads are the features (ethtool -k) by which a host leaves to its network
// card what then is not done on the way through a Link: checksums, and cutting
// super-frames to the size of the MTU or putting them together. A name ends with
// * where anything may follow.
var offloads = []string{
	"tx-checksum-*", "tx-generic-segmentation", "tx-tcp-*", "tx-tcp6-*", "tx-udp-segmentation",
	"tx-udp_tnl-*", "tx-gre-*", "tx-ipxip4-segmentation", "tx-ipxip6-segmentation",
	"tx-sctp-segmentation", "tx-esp-segmentation", "tx-gso-*",
	"rx-gro", "rx-gro-*", "rx-lro", "rx-udp-gro-forwarding",
}

// DisableOffloads makes an interface, the near end of a veth pair whose far end is
// a Link's, send frames as they are on a wire: with their checksums, and none
// above the MTU. It takes CAP_NET_ADMIN in the user namespace that owns the
// network namespace. It fails when the kernel keeps one of the offloads on.
func DisableOffloads(ns *netns.NS, name string) error {
	port := Port{NS: ns, Interface: name}
	if err := port.do(func() error { return disableOffloads(name) }); err != nil {
		return fmt.Errorf("disable offloads of %s: %w", name, err)
	}
	return nil
}

func disableOffloads(name string) error {
	e, err := openEthtool(name)
	if err != nil {
		return err
	}
	defer e.close()
	names, err := e.features()
	if err != nil {
		return err
	}
	if err := e.disable(names, isOffload); err != nil {
		return err
	}
	return e.checkDisabled(names, isOffload)
}

func isOffload(feature string) bool {
	for _, o := range offloads {
		prefix, open := strings.CutSuffix(o, "*")
		if feature == o || open && strings.HasPrefix(feature, prefix) {
			return true
		}
	}
	return false
}
