package trace

import "fmt"

// The names of the checks of one side's data, by the side that sends it.
var (
	idsnCheck     = [2]string{client: "idsn_to_server", server: "idsn_to_client"}
	mappingsCheck = [2]string{client: "mapping_to_server", server: "mapping_to_client"}
	dataAckCheck  = [2]string{client: "data_ack_to_server", server: "data_ack_to_client"}
	dataFINCheck  = [2]string{client: "data_fin_to_server", server: "data_fin_to_client"}
)

// notCaptured is why what was inferred cannot be checked.
const notCaptured = "the start of the connection was not captured"

func (c *connection) startCheck(from side) Check {
	stream := &c.streams[from]
	name := idsnCheck[from]
	switch {
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
	case !stream.known:
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	case stream.start == startWrong:
		return Check{name, Bad, "the " + from.String() + "'s first data sequence number: " + stream.startBad}
	case stream.start == startUnseen:
		return Check{name, Unknown, "no data sequence number of the " + from.String() + " was seen in full"}
	}
	if c.brief {
		return Check{name, OK, ""}
	}
	return Check{name, OK, c.say("the %s's data begins at %d, from its key", from, stream.base)}
}

func (c *connection) ackCheck(from side) Check {
	name, stream := dataAckCheck[from], &c.streams[from]
	switch {
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
	case !stream.known:
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	case stream.overAck != "":
		return Check{name, Unknown, stream.overAck}
	case !stream.ended:
		return Check{name, Unknown, "the " + from.String() + "'s data had not ended"}
	case stream.acked != stream.finAt+1:
		return Check{name, Unknown, fmt.Sprintf("the %s was seen to acknowledge %d of %d bytes and the DATA_FIN",
			from.other(), min(stream.acked, stream.finAt), stream.finAt)}
	}
	return Check{name, OK, c.say("the %s has acknowledged all of it", from.other())}
}

func (c *connection) finCheck(from side) Check {
	name, stream := dataFINCheck[from], &c.streams[from]
	switch {
	case stream.finClash != "":
		return Check{name, Bad, stream.finClash}
	case c.inferred != "":
		return Check{name, Unknown, notCaptured}
	case !stream.ended:
		return Check{name, Unknown, "no DATA_FIN of the " + from.String() + " was seen"}
	}
	if c.brief {
		return Check{name, OK, ""}
	}
	return Check{name, OK, c.say("the %s ended its data after %d bytes", from, stream.finAt)}
}
