/* The parker: Park, TryPark and Unpark of internal/park/parker.go, in the futex and in the
 * channel, with one owner and two givers. Each statement is one atomic step of the code, and
 * names it by the tag that stands there. The kernel compares the word and puts the thread to
 * sleep in one step; it may wake it for nothing.
 *
 * Claim: an owner in Park returns after an Unpark whose permit no earlier Park took, and not
 * before. So it sees in the end all that the givers have given.
 *
 * run: -DGIVES=2
 * run: -DGIVES=2 -DBED
 * fails: -DGIVES=2 -DNO_U2
 * fails: -DGIVES=2 -DBED -DNO_U3
 * fails: -DGIVES=2 -DNO_K3
 * fails: -DGIVES=2 -DLATE_K2
 * fails: -DGIVES=2 -DBED -DNO_K4
 */

#define EMPTY  1
#define PERMIT 2
#define PARKED 0 /* -1 in the code */
#define ABED   3 /* -2 */

byte word = EMPTY;
bool sleeps = false;      /* in the kernel */
chan bed = [1] of { bit };
byte given = 0, known = 0; /* what givers have written, and what the owner has seen of it */

proctype owner() {
	do
	:: known == 2 * GIVES -> break
	:: known < 2 * GIVES ->
		atomic {                                      /* [park-permit] K1 */
			if
			:: word == PERMIT -> word = EMPTY; goto through
			:: word == EMPTY -> word = PARKED
			fi
		};
#ifdef BED
#ifdef NO_K4
		word = ABED;
#else
		atomic {                                      /* [park-permit] K4 */
			if
			:: word == PARKED -> word = ABED
			:: else -> word = EMPTY; goto through
			fi
		};
#endif
		do
		:: bed?_ ->                                   /* [park-permit] K5 */
			atomic {
				if
				:: word == PERMIT -> word = EMPTY; break
				:: else
				fi
			}
		od;
#else
		do
		:: true ->
#ifdef LATE_K2
			word == PARKED; sleeps = true;        /* looks, then sleeps */
#else
			atomic {                              /* [park-permit] K2 */
				if
				:: word == PARKED -> sleeps = true
				:: else
				fi
			};
#endif
			!sleeps;
#ifdef NO_K3
			break
#else
			atomic {                              /* [park-permit] K3 */
				if
				:: word == PERMIT -> word = EMPTY; break
				:: else
				fi
			}
#endif
		od;
#endif
through:
		assert(word != PARKED && word != ABED);
		known = given
	od
}

proctype giver() {
	byte old, n = 0;

	do
	:: n == GIVES -> break
	:: n < GIVES ->
		n++;
		given++;
		atomic { old = word; word = PERMIT };         /* [park-permit] U1 */
		if
		:: old == PARKED ->
#ifndef NO_U2
			sleeps = false                        /* [park-permit] U2 */
#else
			skip
#endif
		:: old == ABED ->
#ifndef NO_U3
			bed!1                                 /* [park-permit] U3 */
#else
			skip
#endif
		:: else
		fi
	od
}

/* The kernel wakes for nothing, twice at most. */
proctype kernel() {
	byte n = 0;

end:
	do
	:: n < 2 && sleeps -> sleeps = false; n++
	od
}

init { atomic { run owner(); run giver(); run giver(); run kernel() } }
