/* Runs @NAME@ on samples that come through standard input. */
#include "@NAME@.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

@BUFFERS@

/* Shortest time that is measured, in ticks of the clock. */
#define ENOUGH (CLOCKS_PER_SEC / 20)

static int run(void)
{
  return @RUN@;
}

static int step(void)
{
  return @STEP@;
}

static int read_input(int one_step)
{
  (void)one_step;
  return @READ@;
}

static void answer(int status, int one_step)
{
  (void)one_step;
  putchar(status);
@WRITE@
  fflush(stdout);
}

/* Nanoseconds of a call. */
static double measured(int (*call)(void))
{
  clock_t begin, ticks = 0;
  double calls = 0.0;
  for (long count = 1; ticks < ENOUGH; count *= 2) {
    begin = clock();
    for (long i = 0; i < count; i++) {
      call();
    }
    ticks = clock() - begin;
    calls = (double)count;
  }
  return (double)ticks / CLOCKS_PER_SEC * 1e9 / calls;
}

int main(void)
{
  int command;
  while ((command = getchar()) != EOF) {
    int32_t count = 0;
    double time;
    switch (command) {
    case 'r':
      @RESET@;
      break;
    case 's':
    case 'x':
      if (!read_input(command == 's')) {
        return 2;
      }
      answer(command == 's' ? step() : run(), command == 's');
      break;
    case 't':
      time = measured(@TIMED@);
      fwrite(&time, sizeof time, 1, stdout);
      fflush(stdout);
      break;
    case 'n':
      if (fread(&count, sizeof count, 1, stdin) != 1) {
        return 2;
      }
      for (int32_t i = 0; i < count; i++) {
        @TIMED@();
      }
      putchar(0);
      fflush(stdout);
      break;
    default:
      return 2;
    }
  }
  return 0;
}
