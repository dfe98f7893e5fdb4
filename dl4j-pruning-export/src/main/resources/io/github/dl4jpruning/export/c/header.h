/*
@FACTS@
 *
 * The functions use static memory: only one call may run at a time.
 */
#ifndef @GUARD@
#define @GUARD@

@SIZES@

#ifdef __cplusplus
extern "C" {
#endif

@FUNCTIONS@

#ifdef __cplusplus
}
#endif

#endif
