@echo off
rem Starts dl4j-pruning. JAVA_HOME chooses the Java, DL4J_PRUNING_OPTS its options.
setlocal
set "HOME_OF=%~dp0.."
set "JAVA=java"
if not "%JAVA_HOME%"=="" set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" %DL4J_PRUNING_OPTS% -cp "%HOME_OF%\lib\*" io.github.dl4jpruning.cli.Main %*
exit /b %ERRORLEVEL%
