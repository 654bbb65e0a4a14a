# The figures of results/infinite-data, from the tables beside them: gnuplot -c results/infinite-data.gp FOLDER
folder = ARG1
set encoding utf8
set minussign
set datafile separator ','
set datafile missing ''
blue = '#0072B2'; orange = '#E69F00'; green = '#009E73'; pink = '#CC79A7'; gray = '#777777'

style = "set border 3 lw 0.8 lc rgb '#555555'; set tics textcolor '#333333' nomirror out scale 0.6,0.3 font ',10'; \
  set grid xtics ytics lc rgb '#e9ecef' lw 0.6 lt 1 dt 1; set title offset 0,-0.6 textcolor '#222222'; \
  set xlabel textcolor '#222222' offset 0,0.3; set ylabel textcolor '#222222' offset 0.6,0; \
  set key on textcolor '#222222' font ',10' Left reverse samplen 1.6 spacing 1.05"
rows(name, what) = sprintf("< grep '^%s' %s/%s.csv", what, folder, name)

do for [kind in "svg png"] {
  if (kind eq "svg") {
    open(name) = sprintf("set terminal svg size 1000,330 dynamic linewidth 1 font 'Helvetica,12' background '#ffffff'; \
      set output '%s/%s.svg'", folder, name)
  } else {
    open(name) = sprintf("set terminal pngcairo size 2000,660 fontscale 1.5 linewidth 2 pointscale 2 font 'Helvetica,12' \
      background '#ffffff'; set output '%s/%s.png'", folder, name)
  }

  # The schemes converge as designed.
  eval open('orders')
  eval style
  set multiplot layout 1,2 margins screen 0.075,0.985,0.16,0.90 spacing screen 0.09
  set logscale xy; set format y '10^{%L}'; set format x '%g'
  set title 'finite volumes'; set xlabel 'cells along a side'; set ylabel 'L¹ distance from twice as many'
  set xrange [30:2500]; set yrange [1e-6:1e-1]; set xtics (40, 100, 200, 500, 1000, 2000); set key inside top right
  plot 12.0*x**-2 with lines dt 2 lw 1 lc rgb gray title 'slope −2', \
    rows('orders', 'circle,') using 2:3 with linespoints pt 7 ps 0.6 lw 1.4 lc rgb blue title 'circle', \
    rows('orders', 'line,') using 2:3 with linespoints pt 5 ps 0.6 lw 1.4 lc rgb orange title 'line', \
    rows('orders', 'plane,') using 2:3 with linespoints pt 9 ps 0.7 lw 1.4 lc rgb green title 'plane'
  unset logscale x; set title 'harmonics'; set xlabel 'nodes along the circle, from pole to pole'
  set ylabel 'largest error of a moment'; set xrange [0:230]; set yrange [1e-14:1e-2]; set xtics 50
  plot rows('orders', 'circle by') using 2:3 with linespoints pt 7 ps 0.6 lw 1.4 lc rgb blue title 'circle', \
    rows('orders', 'sphere by') using 2:3 with linespoints pt 13 ps 0.7 lw 1.4 lc rgb pink title 'sphere'
  unset multiplot
  set output

  # Harmonics decay at the rates of C7.
  eval open('rates')
  eval style
  set multiplot layout 1,3 margins screen 0.06,0.985,0.16,0.90 spacing screen 0.07
  set logscale y; set format y '10^{%L}'; set xtics 1; set key inside bottom left
  set title 'circle, log1p'; set xlabel 'degree k'; set ylabel 'rate of decay'
  set xrange [0.7:5.3]; set yrange [0.03:5]
  set ytics (0.05, 0.1, 0.2, 0.5, 1, 2, 5); set format y '%g'
  colors = "0x0072B2 0xE69F00 0x009E73"
  taus = "0.05 0.1 0.5"
  plot for [k=1:3] rows('rates', 'S1,log1p,'.word(taus, k).',') using 4:(-$5) with linespoints pt 7 ps 0.6 lw 1.2 \
    lc rgb int(word(colors, k)) title 'τ = '.word(taus, k)
  set title 'sphere, log1p'; set xlabel 'degree l'; set xrange [0.8:4.2]; unset ylabel
  plot for [k=1:3] rows('rates', 'S2,log1p,'.word(taus, k).',') using 4:(-$5) with linespoints pt 7 ps 0.6 lw 1.2 \
    lc rgb int(word(colors, k)) title 'τ = '.word(taus, k)
  set title 'measured against C7, all Ψ and τ'; set xlabel 'degree'; set ylabel 'relative error'
  set xrange [0.7:5.3]; set yrange [1e-11:1e-1]; set ytics auto; set format y '10^{%L}'
  set key at graph 1.0, graph 0.66 right top
  plot 1e-8 with lines dt 2 lw 1 lc rgb gray title 'bound of harmonics', \
    rows('rates', 'S1') using 4:7 with points pt 5 ps 0.5 lc rgb orange title 'circle, 200 cells', \
    rows('rates', 'S1') using 4:8 with points pt 9 ps 0.6 lc rgb green title 'circle, 400 cells', \
    rows('rates', 'S1') using ($4-0.06):6 with points pt 7 ps 0.5 lc rgb blue title 'circle, harmonics', \
    rows('rates', 'S2') using ($4+0.06):6 with points pt 13 ps 0.6 lc rgb pink title 'sphere, harmonics'
  unset multiplot
  set output

  # Samples and their limit.
  eval open('samples')
  eval style
  set multiplot layout 1,3 margins screen 0.06,0.985,0.16,0.90 spacing screen 0.05
  unset logscale; set format '%g'; set key inside top right; set xlabel 'angle from e₁'; set ylabel 'density'
  set xrange [-2.2:2.2]; set yrange [0:0.9]; set xtics ('−π/2' -pi/2, '−π/4' -pi/4, '0' 0, 'π/4' pi/4, 'π/2' pi/2); set ytics 0.2
  do for [n in "316 3162 31623"] {
    set title 'n = '.n
    plot rows('histogram', n.',') using 2:3 with fillsteps fs solid 0.3 noborder lc rgb gray title 'particles', \
      sprintf('< sort -t, -g %s/limit.csv', folder) using 1:2 with lines lw 1.6 lc rgb blue title 'density'
    unset ylabel; unset key
  }
  unset multiplot
  set output

  # C12.
  eval open('particles')
  eval style
  set multiplot layout 1,2 margins screen 0.075,0.985,0.16,0.90 spacing screen 0.09
  set logscale xy; set format y '10^{%L}'; set format x '10^{%L}'; set key inside bottom left; set xtics auto; set ytics auto
  set title 'particles and density, circle'; set xlabel 'particles n'; set ylabel 'W_1 on the circle'
  set xrange [70:1.5e5]; set yrange [5e-4:1e-1]
  plot 0.45*x**-0.5 with lines dt 2 lw 1 lc rgb gray title 'slope −1/2', \
    rows('particles', '0\.1,') using 2:3:4 with yerrorbars pt 7 ps 0.6 lw 1.2 lc rgb blue title 't = 0.1', \
    rows('particles', '0\.3,') using ($2*1.08):3:4 with yerrorbars pt 5 ps 0.6 lw 1.2 lc rgb orange title 't = 0.3', \
    rows('particles', '1,') using ($2*1.16):3:4 with yerrorbars pt 9 ps 0.7 lw 1.2 lc rgb green title 't = 1'
  set title 'particles and field, t = 1'; set xlabel 'particles n'; set ylabel 'distance'
  set xrange [70:4500]; set yrange [2e-3:2e-1]; set format x '%g'; set xtics (100, 200, 400, 800, 1600, 3200)
  plot 0.55*x**-0.5 with lines dt 2 lw 1 lc rgb gray title 'slope −1/2', \
    rows('field', 'circle erf,discrepancy,1,') using 4:5:6 with yerrorbars pt 7 ps 0.6 lw 1.2 lc rgb blue \
      title 'circle, erf: discrepancy', \
    rows('field', 'circle ReLU without noise,W1,1,') using ($4*1.03):5:6 with yerrorbars pt 5 ps 0.6 lw 1.2 \
      lc rgb orange title 'circle, ReLU: W_1', \
    rows('field', 'plane erf,discrepancy,1,') using ($4*1.06):5:6 with yerrorbars pt 9 ps 0.7 lw 1.2 lc rgb green \
      title 'plane, erf: discrepancy'
  unset multiplot
  set output
}
