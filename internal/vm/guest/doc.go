// Package guest holds tests of the virtual machine itself: they say where they are.
package guest
