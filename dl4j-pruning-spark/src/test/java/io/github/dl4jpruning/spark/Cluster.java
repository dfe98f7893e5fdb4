package io.github.dl4jpruning.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * A standalone cluster on the loopback address, made of the jars of the class path: a master and
 * workers of one core each, every one of them a process.
 */
final class Cluster implements AutoCloseable {

  private static final String DEPLOY = "org.apache.spark.deploy.";
  private static final long PATIENCE_SECONDS = 60;

  private final Path folder;
  private final String url;
  private final Process master;
  private final List<Process> workers = new ArrayList<>();

  private Cluster(Path folder, int port) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("home/jars")); // Spark wants one, and it may be empty
    this.url = "spark://127.0.0.1:" + port;
    this.master =
        start(
            "master",
            "master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            "" + port,
            "--webui-port",
            "0");
  }

  /** Starts a master and workers, and waits until all have met. */
  static Cluster start(Path folder, int workers) throws IOException, InterruptedException {
    Cluster cluster = new Cluster(folder, freePort());
    try {
      cluster.await("master", "I have been elected leader");
      for (int w = 0; w < workers; w++) {
        cluster.workers.add(
            cluster.start(
                "worker" + w,
                "worker.Worker",
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                "0",
                "--work-dir",
                folder.resolve("work" + w).toString(),
                cluster.url));
      }
      for (int w = 0; w < workers; w++) {
        cluster.await("worker" + w, "Successfully registered with master");
      }
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process start(String name, String main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(java(), "-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.addAll(opens());
    command.add(DEPLOY + main);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile());
    return builder.start();
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** What this process may reach into, its children may too. */
  static List<String> opens() {
    return java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .toList();
  }

  private void await(String name, String line) throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(log) || !Files.readString(log).contains(line)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "expected '" + line + "' of " + name + ", but found " + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Returns the settings of a job; the executors have the class path of this process. */
  SparkConf conf() {
    return conf(System.getProperty("java.class.path"));
  }

  /** Returns the settings of a job whose executors have another class path. */
  SparkConf conf(String classPath) {
    return SparkFixtures.local(1)
        .setMaster(url)
        .set("spark.executor.memory", "512m")
        .set("spark.executor.extraClassPath", classPath)
        .set("spark.executor.extraJavaOptions", "-Dorg.nd4j.log.initialization=false");
  }

  /** Returns the class path without this library. */
  static String classPathWithoutLibrary() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("dl4j-pruning-"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Kills a worker and its executors, without a chance to say farewell. */
  void kill(int worker) {
    Process process = workers.get(worker);
    List<ProcessHandle> executors = process.descendants().toList();
    process.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    for (int w = 0; w < workers.size(); w++) {
      kill(w);
    }
    master.destroyForcibly();
  }
}
