package metered

import "github.com/godbus/dbus/v5"

// Properties of org.freedesktop.NetworkManager.Device.
const (
	metered     = "Metered"
	ipInterface = "IpInterface" // what has the addresses, once it is connected
	control     = "Interface"   // what is managed: a modem's is a serial line
	realized    = "Real"        // false: it does not exist
)

// properties are those that signals are of interest for.
var properties = []string{metered, ipInterface, control, realized}

// maxName is how long a name may be, in bytes: an interface has 15 of them, each of which
// may be escaped.
const maxName = 64

// answer is what NetworkManager says of a device (NMMetered).
type answer uint32

const (
	unknown answer = iota
	yes
	no
	guessYes
	guessNo
)

// device is what has been read of one.
type device struct {
	names [2]string // IpInterface, Interface; "": none
	says  answer
}

// readDevice takes what is needed of a device's properties. What is missing, or of another
// type, is not known.
func readDevice(values map[string]dbus.Variant) (d device, real bool) {
	for i, key := range []string{ipInterface, control} {
		if name, ok := values[key].Value().(string); ok && len(name) <= maxName {
			d.names[i] = name
		}
	}
	if says, ok := values[metered].Value().(uint32); ok {
		d.says = answer(says)
	}
	exists, said := values[realized].Value().(bool)
	return d, exists || !said
}

// verdicts are what devices say of interfaces. Of several devices of an interface, as Open
// vSwitch has them, those count that have it for their addresses, then those that were
// told by somebody and do not guess. What they do not agree upon is not known.
func verdicts(devices map[dbus.ObjectPath]device) map[string]bool {
	type ballot struct {
		weight   int
		yes, any bool
		split    bool
	}
	ballots := map[string]ballot{}
	for _, d := range devices {
		costs, told, known := d.says.meaning()
		for i, name := range d.names {
			if name == "" || !known || i == 1 && d.names[0] == name {
				continue
			}
			weight := 2 * (1 - i)
			if told {
				weight++
			}
			b := ballots[name]
			switch {
			case !b.any || weight > b.weight:
				ballots[name] = ballot{weight: weight, yes: costs, any: true}
			case weight == b.weight && b.yes != costs:
				b.split = true
				ballots[name] = b
			}
		}
	}
	known := map[string]bool{}
	for name, b := range ballots {
		if !b.split {
			known[name] = b.yes
		}
	}
	return known
}

// meaning of an answer: a guess of NetworkManager, from the type of the device or from
// DHCP, is the best that is known.
func (a answer) meaning() (costs, told, known bool) {
	switch a {
	case yes, no:
		return a == yes, true, true
	case guessYes, guessNo:
		return a == guessYes, false, true
	}
	return false, false, false
}
