package page

import "allroads/trace"

// maxSteps is how many steps a line of amounts has about: more of them show how a
// sender's bursts fall into the buckets, and hide how much it sends.
const maxSteps = 100

// inSteps adds up an amount of neighbouring buckets, as many as make each step.
func inSteps(buckets []trace.Bucket, columns int, amount func(*trace.Bucket) uint64) []float64 {
	per := bucketsPerStep(columns)
	sums := make([]float64, (columns+per-1)/per)
	for i := range buckets {
		sums[i/per] += float64(amount(&buckets[i]))
	}
	return sums
}

func bucketsPerStep(columns int) int { return max((columns+maxSteps-1)/maxSteps, 1) }

// stepped is the line of such sums.
func stepped(sums []float64, columns int, top float64) []byte {
	per := bucketsPerStep(columns)
	return steps(columns, func(i int) (int, bool) { return height(sums[i/per], top), true })
}

func largest(sums []float64) (top float64) {
	for _, sum := range sums {
		top = max(top, sum)
	}
	return top
}
