package io.github.dl4jpruning.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.RampSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.SigmoidSchedule;
import org.nd4j.linalg.schedule.StepSchedule;

/** Schedules of learning rates: all of ND4J's, and some that a user may have written. */
@SuppressWarnings("serial") // ISchedule is Serializable, and nobody serialises these
public final class RatesOfTheirOwn {

  private RatesOfTheirOwn() {}

  /** Without equals, so that each copy of it is another one for DL4J. */
  public static final class Warmup implements ISchedule {
    @Override
    public double valueAt(int iteration, int epoch) {
      return 0.01 * Math.min(1.0, (1 + iteration) / 4.0);
    }

    @Override
    public ISchedule clone() {
      return new Warmup();
    }
  }

  /** JSON writes it and cannot read it. */
  public static final class Unreadable implements ISchedule {
    private final double rate;

    public Unreadable(double rate) {
      this.rate = rate;
    }

    public double getRate() {
      return rate;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
      return rate;
    }

    @Override
    public ISchedule clone() {
      return new Unreadable(rate);
    }
  }

  /** JSON writes it and reads another one. */
  public static final class Forgetful implements ISchedule {
    private final double[] rates;

    public Forgetful() {
      this(0.001);
    }

    public Forgetful(double... rates) {
      this.rates = rates;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
      return rates[Math.min(iteration, rates.length - 1)];
    }

    @Override
    public ISchedule clone() {
      return new Forgetful(rates.clone());
    }
  }

  /** By name; null for a rate without a schedule. */
  public static Map<String, ISchedule> schedules() {
    ScheduleType type = ScheduleType.ITERATION;
    Map<String, ISchedule> schedules = new LinkedHashMap<>();
    schedules.put("none", null);
    schedules.put("fixed", new FixedSchedule(0.01));
    schedules.put("exponential", new ExponentialSchedule(type, 0.01, 0.9));
    schedules.put("inverse", new InverseSchedule(type, 0.01, 0.5, 2));
    schedules.put("poly", new PolySchedule(type, 0.01, 2, 100));
    schedules.put("sigmoid", new SigmoidSchedule(type, 0.01, 0.5, 3));
    schedules.put("step", new StepSchedule(type, 0.01, 0.5, 2));
    schedules.put("map", new MapSchedule.Builder(type).add(0, 0.01).add(3, 0.005).build());
    schedules.put("cycle", new CycleSchedule(type, 0.001, 0.01, 4, 2, 0.1));
    schedules.put("warmup", new Warmup());
    schedules.put("ramp", new RampSchedule(new FixedSchedule(0.01), 5));
    schedules.put("unreadable", new Unreadable(0.01));
    schedules.put("forgetful", new Forgetful(0.01, 0.02));
    return schedules;
  }

  /** Whether DL4J's JSON holds a schedule. */
  public static boolean comesBack(String schedule) {
    return !List.of("ramp", "unreadable", "forgetful").contains(schedule);
  }

  /** Each updater that DL4J has, with a schedule or without. */
  public static List<IUpdater> updaters(ISchedule schedule) {
    List<IUpdater> updaters = new ArrayList<>();
    if (schedule == null) {
      updaters.addAll(
          List.of(
              new Sgd(0.01),
              new Nesterovs(0.01),
              new Adam(0.01),
              new RmsProp(0.01),
              new AdaGrad(0.01),
              new AMSGrad(0.01),
              new Nadam(0.01),
              new AdaMax(0.01),
              new AdaDelta()));
    } else {
      List<Function<ISchedule, IUpdater>> all =
          List.of(
              Sgd::new,
              Nesterovs::new,
              Adam::new,
              RmsProp::new,
              AdaGrad::new,
              AMSGrad::new,
              Nadam::new,
              AdaMax::new);
      all.forEach(updater -> updaters.add(updater.apply(schedule)));
    }
    return updaters;
  }
}
