/* The last job of the deque: Push, Pop and Steal of deque/deque.go, deque_last.go and
 * deque_steal.go, with one owner and two thieves. Each statement is one atomic step of the
 * code, and names it by the tag that stands there. The ring is left out: a slot is an index.
 *
 * Claim: no job is taken twice, and none is lost.
 *
 * run: -DOPS=6
 * run: -DOPS=8
 * fails: -DOPS=6 -DNO_O1
 * fails: -DOPS=6 -DNO_O2
 * fails: -DOPS=6 -DNO_O3
 * fails: -DOPS=6 -DNO_O3_RACED
 * fails: -DOPS=6 -DNO_T2
 * fails: -DOPS=6 -DNO_T3
 * fails: -DOPS=6 -DT2_BEFORE_T1
 */

#define SIZE 10

byte top = 0, bottom = 0;
byte slot[SIZE];   /* job ids, from 1 */
byte pushed = 0;   /* ids given out */
byte taken[SIZE];  /* by id */
byte ended = 0;

inline take(job) {
	d_step {
		assert(job != 0);
		taken[job]++;
		assert(taken[job] == 1)
	}
}

proctype owner() {
	byte b, t, job, next = 0, ops = 0;

	do
	:: ops == OPS -> break
	:: ops < OPS && pushed + 1 < SIZE && next + 1 < SIZE -> /* Push */
		ops++;
		pushed++;
		slot[next] = pushed;
		next++;
		bottom = next                         /* publish */
	:: ops < OPS && next > 0 ->                   /* Pop */
		ops++;
		b = next - 1;
		t = top;
		if
		:: t > b                              /* none: foundEmpty */
		:: t == b ->                          /* popLast */
			job = slot[b];
#ifdef NO_O3
			top = t + 1; take(job)
#else
			atomic {                      /* [last-job] O3 */
				if
				:: top == t -> top = t + 1; take(job)
				:: else
				fi
			}
#endif
		:: t < b ->
			next = b;
#ifndef NO_O1
			bottom = b;                   /* [last-job] O1 */
#endif
#ifndef NO_O2
			t = top;                      /* [last-job] O2 */
#endif
			if
			:: t < b -> job = slot[b]; take(job)
			:: t == b ->                  /* popRaced */
				job = slot[b];
#ifdef NO_O3_RACED
				top = t + 1; take(job);
#else
				atomic {              /* [last-job] O3 */
					if
					:: top == t -> top = t + 1; take(job)
					:: else
					fi
				};
#endif
				next = b + 1
			:: t > b -> next = b + 1
			fi
#ifdef NO_O1
			; bottom = next
#endif
		fi
	od;
	ended++
}

proctype thief() {
	byte t, b, job, tries = 0;

	do
	:: tries == 2 -> break
	:: tries < 2 ->
		tries++;
#ifdef T2_BEFORE_T1
		b = bottom;
		t = top;
#else
		t = top;                              /* [last-job] T1 */
		b = bottom;                           /* [last-job] T2 */
#endif
		if
#ifndef NO_T2
		:: b <= t                             /* empty */
		:: b > t ->
#else
		:: true ->
#endif
			job = slot[t];                /* a guess */
#ifdef NO_T3
			top = t + 1; take(job)
#else
			atomic {                      /* [last-job] T3 */
				if
				:: top == t -> top = t + 1; take(job)
				:: else                /* lost */
				fi
			}
#endif
		fi
	od;
	ended++
}

init {
	byte i, left = 0;

	atomic { run owner(); run thief(); run thief() };
	ended == 3;
	d_step {                                      /* none is lost */
		i = 1;
		do
		:: i > pushed -> break
		:: i <= pushed -> left = left + 1 - taken[i]; i++
		od;
		assert(left == (bottom > top -> bottom - top : 0))
	}
}
