# What configure.ac of weir needs beyond autoconf: the flags of the project and
# library checks whose failure is one line.

# WEIR_PROG_CC_C11: C11 or an error.
AC_DEFUN([WEIR_PROG_CC_C11], [
  AC_CACHE_CHECK([whether $CC accepts -std=gnu11], [weir_cv_c11], [
    weir_save=$CFLAGS
    CFLAGS="$CFLAGS -std=gnu11"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [[_Static_assert(1, "C11");]])],
      [weir_cv_c11=yes], [weir_cv_c11=no])
    CFLAGS=$weir_save])
  AS_IF([test "x$weir_cv_c11" != xyes],
    [AC_MSG_ERROR([$CC cannot compile C11; install gcc or clang and run configure again])])
])

# WEIR_ARG_ENABLE(NAME, HELP): --enable-NAME, off by default, result in $enable_NAME.
AC_DEFUN([WEIR_ARG_ENABLE], [
  AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [], [enable_$1=no])
])

# WEIR_ARG_DISABLE(NAME, HELP): --disable-NAME, on by default.
AC_DEFUN([WEIR_ARG_DISABLE], [
  AC_ARG_ENABLE([$1], [AS_HELP_STRING([--disable-$1], [$2])], [], [enable_$1=yes])
])

# WEIR_TRY_FLAG(VARIABLE, FLAG): appends FLAG where the compiler and linker take it.
AC_DEFUN([WEIR_TRY_FLAG], [
  AS_VAR_PUSHDEF([cache], [weir_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
    weir_save=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$weir_save])
  AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cache])
])

# WEIR_COMPILER_FLAGS: WEIR_CFLAGS and WEIR_LDFLAGS hold what the project wants;
# CFLAGS and LDFLAGS stay the user's. Hidden visibility keeps short names like
# json_object from taking the place of a library's own.
AC_DEFUN([WEIR_COMPILER_FLAGS], [
  WEIR_CFLAGS="-std=gnu11"
  WEIR_LDFLAGS=
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Wformat=2
    -Wcast-qual -Wold-style-definition -Wno-missing-field-initializers
    -fvisibility=hidden],
    [WEIR_TRY_FLAG([WEIR_CFLAGS], flag)])
  AS_IF([test "x$enable_hardening" = xyes && test "x$enable_sanitizers" != xyes], [
    m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection -fcf-protection],
      [WEIR_TRY_FLAG([WEIR_CFLAGS], flag)])
    WEIR_TRY_FLAG([WEIR_CFLAGS], [-fPIE])
    WEIR_TRY_FLAG([WEIR_LDFLAGS], [-pie])
    WEIR_TRY_FLAG([WEIR_LDFLAGS], [-Wl,-z,relro])
    WEIR_TRY_FLAG([WEIR_LDFLAGS], [-Wl,-z,now])
    AS_CASE([" $CFLAGS $CPPFLAGS "],
      [*-O0*|*_FORTIFY_SOURCE*], [],
      [*" -O"*], [WEIR_CFLAGS="$WEIR_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])
  AS_IF([test "x$enable_werror" = xyes], [WEIR_CFLAGS="$WEIR_CFLAGS -Werror"])
  AS_IF([test "x$enable_sanitizers" = xyes], [
    WEIR_CFLAGS="$WEIR_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    WEIR_LDFLAGS="$WEIR_LDFLAGS -fsanitize=address,undefined"])
  AS_IF([test "x$enable_coverage" = xyes], [
    WEIR_CFLAGS="$WEIR_CFLAGS --coverage"
    WEIR_LDFLAGS="$WEIR_LDFLAGS --coverage"])
  FUZZ_LDFLAGS=
  AS_IF([test "x$enable_fuzzers" = xyes], [
    WEIR_CFLAGS="$WEIR_CFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS="-fsanitize=fuzzer"
    AC_CACHE_CHECK([whether $CC links with libFuzzer], [weir_cv_fuzzer], [
      weir_save=$CFLAGS
      CFLAGS="$CFLAGS -fsanitize=fuzzer"
      AC_LINK_IFELSE([AC_LANG_SOURCE([[int LLVMFuzzerTestOneInput(const char *p, unsigned long n);
        int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return p == 0 && n > 0; }]])],
        [weir_cv_fuzzer=yes], [weir_cv_fuzzer=no])
      CFLAGS=$weir_save])
    AS_IF([test "x$weir_cv_fuzzer" != xyes],
      [AC_MSG_ERROR([--enable-fuzzers needs clang with its runtime library; configure with CC=clang])])])
  AM_CONDITIONAL([ENABLE_FUZZERS], [test "x$enable_fuzzers" = xyes])
  AM_CONDITIONAL([ENABLE_SANITIZERS], [test "x$enable_sanitizers" = xyes])
  AC_SUBST([WEIR_CFLAGS])
  AC_SUBST([WEIR_LDFLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
])

# WEIR_REQUIRE(VARIABLE, MODULE [>= VERSION], DEBIAN-PACKAGE): collects what is missing.
AC_DEFUN([WEIR_REQUIRE], [
  AC_REQUIRE([PKG_PROG_PKG_CONFIG])
  AS_IF([test -z "$PKG_CONFIG"],
    [AC_MSG_ERROR([pkg-config is missing; run ./bootstrap --deps or install pkg-config])])
  PKG_CHECK_MODULES([$1], [$2], [], [weir_missing="$weir_missing $3"])
])

# WEIR_REQUIRED: ends with one line when WEIR_REQUIRE missed anything.
AC_DEFUN([WEIR_REQUIRED], [
  AS_IF([test -n "$weir_missing"],
    [AC_MSG_ERROR([missing or too old:$weir_missing (Debian package names); run ./bootstrap --deps to install them])])
])

# WEIR_OPTIONAL(VARIABLE, MODULE [>= VERSION]): defines HAVE_VARIABLE for automake.
AC_DEFUN([WEIR_OPTIONAL], [
  PKG_CHECK_MODULES([$1], [$2], [have_$1=yes], [have_$1=no])
  AM_CONDITIONAL([HAVE_$1], [test "x$have_$1" = xyes])
])

# WEIR_REPRODUCIBLE_DIST: `make dist` gives the same bytes from the same commit. Files have the time
# of the commit, or without git that of configure.ac (which `make dist` has set there).
AC_DEFUN([WEIR_REPRODUCIBLE_DIST], [
  AC_CACHE_CHECK([for GNU tar], [weir_cv_gnu_tar],
    [AS_CASE([`${TAR-tar} --version 2>/dev/null`],
      [*GNU*], [weir_cv_gnu_tar=yes], [weir_cv_gnu_tar=no])])
  AS_IF([test "x$weir_cv_gnu_tar" = xyes], [
    weir_time='`git --git-dir="$(srcdir)/.git" log -1 --format=%ct 2>/dev/null || stat -c %Y "$(srcdir)/configure.ac"`'
    am__tar='$${TAR-tar} --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --mtime="@'$weir_time'" -chf - "$$tardir"'])
])

# WEIR_SUMMARY: what was chosen, on one screen.
AC_DEFUN([WEIR_SUMMARY], [
  AC_MSG_NOTICE([
    $PACKAGE_NAME $PACKAGE_VERSION
      compiler    $CC $CFLAGS
      prefix      $prefix
      hardening   $enable_hardening    sanitizers  $enable_sanitizers    fuzzers  $enable_fuzzers    coverage  $enable_coverage
      unit tests  cmocka $have_CMOCKA, jansson $have_JANSSON

    Now: make && make check && make install])
])
