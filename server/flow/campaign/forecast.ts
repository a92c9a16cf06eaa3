import { type Forecast, type ForecastInput, forecast, simulated } from '../../domain/forecast'
import type { Task } from '../ports'

/** A year of simulated periods: some hundred ms, for another thread. The same seed gives the same forecast. */
export const forecastTask: Task<{ input: ForecastInput; seed: number }, Forecast> = {
  name: 'forecast',
  run: ({ input, seed }) => forecast(input, simulated(seed)),
}
