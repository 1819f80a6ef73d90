package page

import (
	"fmt"
	"strings"

	"allroads/trace"
)

// checkList is the checks of a connection or of a subflow.
type checkList struct {
	of     string
	checks []trace.Check
}

func checksOf(c *trace.Connection) []checkList {
	lists := []checkList{{"connection", c.Checks}}
	for i := range c.Subflows {
		lists = append(lists, checkList{fmt.Sprintf("subflow %d", c.Subflows[i].ID), c.Subflows[i].Checks})
	}
	return lists
}

// checks are listed with those first that are not ok.
func checks(out *pen, c *trace.Connection) {
	lists := checksOf(c)
	count := 0
	for _, list := range lists {
		count += len(list.checks)
	}
	if count == 0 {
		return
	}
	openTable(out, "sortable prose", "Checks", []column{{"Status", false}, {"Of", false}, {"Check", false}, {"Detail", false}})
	for _, wanted := range []trace.Status{trace.Bad, trace.Unknown, trace.OK} {
		for _, list := range lists {
			for i := range list.checks {
				if check := &list.checks[i]; check.Status == wanted {
					out.put("<tr><td>%v</td><td>%v</td><td>%v</td><td>%v</td></tr>\n",
						status(check.Status), list.of, strings.ReplaceAll(check.Name, "_", " "), check.Detail)
				}
			}
		}
	}
	closeTable(out)
}
