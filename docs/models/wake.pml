/* The sleep and wake protocol: workers/idle.go, serve.go, search.go, parking.go, pool.go and
 * guest.go, as section "Waking workers" of idle.go tells it. Each statement is one atomic step of
 * the code, and names it by the tag that stands there; loops of compare-and-swap that fail only
 * if another goroutine has succeeded are one step. A queue is a number of jobs, the parker is
 * a permit (see parker.pml). The run-next slot, which only wakes less often than a push may, is
 * left out.
 *
 * Claims: when nothing moves any more, all jobs have run, though the first holds its worker
 * until a second one has run: so no job lies unseen while a worker is parked, even if a busy
 * worker would come for it later. Who has reserved a place finds one. With CLOSE all workers
 * have ended besides; they may end one by one, so no job waits for another there. GUEST adds
 * an ordinary goroutine that takes the place of a parked worker if there is one, pushes a job
 * there, and leaves.
 *
 * run: -DWORKERS=2 -DJOBS=2
 * run: -DWORKERS=2 -DJOBS=3
 * run: -DWORKERS=2 -DJOBS=2 -DGUEST
 * run: -DWORKERS=2 -DJOBS=3 -DCLOSE
 * long: -DWORKERS=2 -DJOBS=2 -DGUEST -DCLOSE
 * run: -DWORKERS=3 -DJOBS=2
 * fails: -DWORKERS=2 -DJOBS=2 -DNO_P2
 * fails: -DWORKERS=2 -DJOBS=2 -DNO_K2
 * fails: -DWORKERS=2 -DJOBS=2 -DNO_F2
 * fails: -DWORKERS=2 -DJOBS=2 -DP2_BEFORE_P1
 * fails: -DWORKERS=2 -DJOBS=2 -DK2_BEFORE_K1
 * fails: -DWORKERS=2 -DJOBS=2 -DCOUNT_BEFORE_MASK
 * fails: -DWORKERS=2 -DJOBS=2 -DGUEST -DNO_K2_OF_GUEST
 * fails: -DWORKERS=2 -DJOBS=2 -DCLOSE -DNO_C2
 * fails: -DWORKERS=2 -DJOBS=2 -DCLOSE -DNO_CLOSE_K2
 * fails: -DWORKERS=2 -DJOBS=2 -DCLOSE -DNO_LOOK_AFTER_GIVE_BACK
 */

/* The idle word and the mask. */
byte parked = 0, searching = 0;
bool mask[WORKERS], permit[WORKERS];

byte injected = 0, queue[WORKERS];
byte total = JOBS, ran = 0, ended = 0;
bool closing = false;

#define quiet (parked > 0 && searching == 0)

/* anyVisible looks at one queue after the other. */
inline anyVisible(seen, k) {
	seen = (injected > 0);
	k = 0;
	do
	:: seen || k == WORKERS -> break
	:: else -> seen = (queue[k] > 0); k++
	od
}

/* choose takes the lowest parked place; who reserved one finds one. */
inline choose(k) {
	atomic {
		k = 0;
		do
		:: k < WORKERS && mask[k] -> mask[k] = false; break
		:: k < WORKERS && !mask[k] -> k++
		:: k == WORKERS -> assert(false)
		od
	}
}

/* wakeOne is reserveToWake, then choose and unpark. */
inline wakeOne(k) {
	if
	:: atomic { quiet -> parked--; searching++ };
		choose(k);
		permit[k] = true
	:: atomic { !quiet -> skip }
	fi
}

/* wakeAll is wakePlace for each place. */
inline wakeAll(seen, k) {
	k = 0;
	do
	:: k == WORKERS -> break
	:: k < WORKERS && !mask[k] -> k++
	:: k < WORKERS && mask[k] ->
		if
		:: atomic { parked > 0 -> parked--; searching++ };
			if
			:: atomic { mask[k] -> mask[k] = false };
				permit[k] = true;
				k++
			:: atomic { !mask[k] -> searching--; parked++ };
#ifndef NO_LOOK_AFTER_GIVE_BACK
				/* giveBack looks once more; to wake all from there is to begin again */
				anyVisible(seen, k);
				if
				:: seen && quiet -> wakeOne(k)
				:: else
				fi;
				k = 0
#endif
			fi
		:: parked == 0 -> skip /* somebody stands between its two steps: again */
		fi
	od
}

/* lookOnceMore is the second half of giving up a place. */
inline lookOnceMore(seen, k) {
	anyVisible(seen, k);
	if
	:: seen ->
		if
		:: quiet -> wakeOne(k)
		:: else
		fi
	:: !seen ->
#ifdef CLOSE
#ifndef NO_CLOSE_K2
		if
		:: closing -> wakeAll(seen, k)               /* [close-race] K2 */
		:: else
		fi
#else
		skip
#endif
#else
		skip
#endif
	fi
}

/* endSearch passes the duty on. */
inline endSearch(last, seen, k) {
	atomic { searching--; last = (searching == 0) };       /* [wake-race] F1 */
#ifndef NO_F2
	if
	:: last ->
		anyVisible(seen, k);                           /* [wake-race] F2 */
		if
		:: seen -> wakeOne(k)
		:: else
		fi
	:: else
	fi
#endif
}

proctype worker(byte me) {
	byte k;
	bool job = false, counted = false, seen, last;

	do
	:: true ->
		/* nextJob */
		atomic { job = (queue[me] > 0); queue[me] = queue[me] - job };
		if
		:: job && counted -> counted = false; endSearch(last, seen, k)
		:: job && !counted
		:: !job ->
			/* search */
			if
			:: !counted ->
				atomic {
					if
					:: 2 * searching >= WORKERS - parked
					:: else -> searching++; counted = true
					fi
				}
			:: counted
			fi;
			if
			:: counted ->
				/* takeInjected: one to run, the rest, or nothing, to the own queue */
				if
				:: atomic { injected > 0 -> injected--; job = true }
				:: atomic { injected > 1 -> queue[me] = queue[me] + injected - 1; injected = 0; job = true }
				:: injected == 0 ->
					k = 0;
					do
					:: job || k == WORKERS -> break
					:: !job && k < WORKERS ->
						atomic {
							if
							:: k != me && queue[k] > 0 -> queue[k]--; job = true
							:: else
							fi
						};
						k++
					od
				fi;
				if
				:: job -> counted = false; endSearch(last, seen, k)
				:: else
				fi
			:: else
			fi
		fi;
		if
		:: job ->
			ran++;
#ifndef CLOSE
			if
			:: ran == 1 -> ran >= 2       /* the first waits for a second */
			:: else
			fi;
#endif
			job = false
		:: !job ->
#ifdef CLOSE
			if
			:: closing ->                 /* [spill-race] I2 */
				anyVisible(seen, k);  /* [spill-race] I3 */
				if
				:: !seen -> break
				:: else
				fi
			:: else
			fi;
#endif
#ifdef K2_BEFORE_K1
			anyVisible(seen, k);
#endif
#ifndef COUNT_BEFORE_MASK
			mask[me] = true;
#endif
			atomic {                      /* [wake-race] K1 */
				searching = searching - counted;
				parked++;
				counted = false
			};
#ifdef COUNT_BEFORE_MASK
			mask[me] = true;
#endif
#ifdef K2_BEFORE_K1
			if
			:: seen && quiet -> wakeOne(k)
			:: else
			fi;
#else
#ifndef NO_K2
			lookOnceMore(seen, k);        /* [wake-race] K2 */
#endif
#endif
end:			atomic { permit[me] -> permit[me] = false };
			counted = true
		fi
	od;
	/* exit */
	if
	:: counted -> counted = false; endSearch(last, seen, k)
	:: else
	fi;
	if
	:: parked > 0 -> lookOnceMore(seen, k)
	:: else
	fi;
	ended++
}

inline submit(k) {
#ifdef P2_BEFORE_P1
	if
	:: quiet -> injected++; wakeOne(k)
	:: else -> injected++
	fi
#else
	injected++;                                           /* [wake-race] P1 */
#ifndef NO_P2
	if
	:: quiet -> wakeOne(k)                                /* [wake-race] P2 */
	:: else
	fi
#endif
#endif
}

#ifdef GUEST
proctype guest() {
	byte at, k;
	bool seen;

	if
	:: closing -> goto out
	:: else
	fi;
	if
	:: atomic { parked > 0 -> parked--; total++ };
		choose(at);
		queue[at] = queue[at] + 1;                    /* [wake-race] P1 */
		if
		:: quiet -> wakeOne(k)                        /* [wake-race] P2 */
		:: else
		fi;
		mask[at] = true;
		parked++;                                     /* [wake-race] K1 */
#ifndef NO_K2_OF_GUEST
		lookOnceMore(seen, k)                         /* [wake-race] K2 */
#endif
	:: parked == 0                                        /* Enter fails */
	fi;
out:
	skip
}
#endif

init {
	byte i = 0, k;
	bool seen;

	atomic {
		do
		:: i < WORKERS -> run worker(i); i++
		:: else -> break
		od;
#ifdef GUEST
		run guest()
#endif
	};
	i = 0;
	do
	:: i == JOBS -> break
	:: i < JOBS -> submit(k); i++
	od;
#ifdef CLOSE
	closing = true;                                       /* [close-race] C1 */
#ifndef NO_C2
	wakeAll(seen, k);                                           /* [close-race] C2 */
#endif
	timeout -> assert(ran == total && ended == WORKERS)
#else
	timeout -> assert(ran == total)
#endif
}
