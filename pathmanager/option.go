package pathmanager

// An Option changes what Dial and Listen do.
type Option func(*dialOptions)

type dialOptions struct {
	netns    int
	family   string
	allNetNS bool
	buffer   int
}

func settings(options []Option) dialOptions {
	o := dialOptions{family: familyName, buffer: defaultReceiveBuffer}
	for _, set := range options {
		set(&o)
	}
	return o
}

// InNetNS makes Dial and Listen connect to the path manager of the network
// namespace that a file descriptor refers to. The descriptor is not used later.
func InNetNS(fd int) Option {
	return func(o *dialOptions) { o.netns = fd }
}

// AllNetNS makes Listen hear the events of every network namespace that has an
// id in the listener's own (`ip netns set NAME ID`), beside the own ones
// (NETLINK_LISTEN_ALL_NSID). It needs CAP_NET_BROADCAST. Dial has no use for it.
func AllNetNS() Option {
	return func(o *dialOptions) { o.allNetNS = true }
}

// ReceiveBuffer sets how many bytes of events may wait in the kernel for Listen,
// 64 MiB where it is not called. The kernel doubles the number, and counts about
// 1 KiB for an event. Without CAP_NET_ADMIN in the first user namespace it is cut
// to the sysctl net.core.rmem_max. Dial has no use for it.
func ReceiveBuffer(bytes int) Option {
	return func(o *dialOptions) { o.buffer = bytes }
}
