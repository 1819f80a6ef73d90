// Package lifetest proves allroadsd from outside, where the kernel manages paths: a
// client and a server in namespaces, real connections, and the kernel's tables, sockets
// and packets as judges. It is tests only.
package lifetest
