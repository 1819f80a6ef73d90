ip netns add client
ip -n client link set dev lo up
ip netns exec client sysctl -q -w net.ipv6.conf.default.accept_dad=0
ip netns exec client sysctl -q -w net.mptcp.checksum_enabled=1
ip netns add server
ip -n server link set dev lo up
ip netns exec server sysctl -q -w net.ipv6.conf.all.forwarding=1
ip link add name red netns client type veth peer name red netns server
ip -n client address add fd00:1::2/64 dev red nodad
ip -n client address add 10.0.1.2/31 dev red
ip -n client link set dev red up
ip -n server address add fd00:1::1/64 dev red nodad
ip -n server address add 10.0.1.3/31 dev red
ip -n server link set dev red up
ip netns exec client ethtool -K red tx off tso off gso off gro off
tc -n client qdisc replace dev red root tbf rate 2500mbit burst 16384 latency 50ms
ip netns exec server ethtool -K red tx off tso off gso off gro off
tc -n server qdisc replace dev red root tbf rate 2500mbit burst 16384 latency 50ms
ip link add name blue netns client type veth peer name blue netns server
ip -n client address add fd00:2::2/127 dev blue nodad
ip -n client address add 10.0.2.2/32 dev blue
ip -n client link set dev blue up
ip -n server address add fd00:2::1/128 dev blue nodad
ip -n server address add 10.0.2.1/8 dev blue
ip -n server link set dev blue up
ip netns exec client ethtool -K blue tx off tso off gso off gro off
tc -n client qdisc replace dev blue root tbf rate 9600bit burst 16384 latency 50ms
ip netns exec server ethtool -K blue tx off tso off gso off gro off
tc -n server qdisc replace dev blue root tbf rate 9600bit burst 16384 latency 50ms
ip -n client mptcp endpoint flush
ip -n client mptcp limits set subflows 8 add_addr_accepted 8
ip -n client mptcp endpoint add fd00:2::2 dev blue subflow backup
ip -n client mptcp endpoint add 10.0.2.2 id 200 subflow fullmesh
ip -n server mptcp endpoint flush
ip -n server mptcp limits set subflows 0 add_addr_accepted 0
ip -n server mptcp endpoint add fd00:2::1 port 8080 signal
