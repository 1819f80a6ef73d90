// Package daemon is allroadsd: a worker for each network namespace that hears what
// happens, asks policy and steering what to do, and does it.
//
// # How data flows
//
// In one direction:
//
//	kernel -> events (worker.listen) ---.
//	kernel -> rtnl.Observer -> news  ---|
//	kernel -> routeWatch  --------------+-> worker -> policy, steering -> kernel
//	API, SIGHUP -> questions  ----------'     |
//	                                          '-> api.Stream, log, state.json
//
// The state of a worker belongs to whoever has its turn (worker.act), and two goroutines
// take turns: one reads the path manager's events and acts on them in the same breath,
// since another goroutine that has to be woken up first is a third of the time that it
// takes to make a subflow; the other does all the rest. Events that come meanwhile wait in
// the kernel, whose buffer has room for more than a hundred thousand, and a turn is bounded:
// it has atOnce events at most. The goroutines for the network and for routes only
// hear: they keep what the kernel has where the worker finds it, and never wait for work to
// be done. Others ask the worker questions, which are functions that it calls (worker.ask);
// what they take away is a copy. Timers are one alarm, at the earliest time at which
// anything is due; without any the worker sleeps.
//
// # What is wanted, and what is
//
// Everything that lasts (sysctls, routes, rules, endpoints, limits) is brought about by
// worker.refresh and nothing else: what is wanted follows from the picture of the network
// and from the configuration, what is there is read, and the difference is carried out. It is
// called after each change, regularly, and when something looks odd; after a failure it
// is called again, so that all converges once the kernel lets it. What failed is in
// tries, with the time of the next attempt. What is done is written down before in the
// state file (record): what has to be undone, and what is ours, also after SIGKILL.
//
// Single connections are the business of one of two (the interface connections):
// kernelPaths, where the kernel makes the subflows and only those that it lost are seen
// to; and userPaths, which hands each event to steering and carries its commands out at
// once, before anything is told or counted.
//
// That events were lost is a matter of course: after it, all connections are listed
// (count), and the tables compared.
//
// # Around the workers
//
// server has the workers, finds the namespaces that are to have one, reads the
// configuration anew, and answers the control API (it is an api.Source). In each
// namespace a name in the abstract namespace of Unix sockets keeps other allroadsd away.
package daemon
